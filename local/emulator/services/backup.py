"""AWS Backup: selections of a plan, and tags under a path without the trailing slash."""

import json
import time
import uuid
from typing import Any, Final
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError

from local.emulator.patching import Extra, add, replace_value, wrap

_WHY: Final = "moto has no backup selections"
_PATH: Final = "{0}/backup/plans/(?P<plan>[^/]+)/selections"

_selections: Final = Extra[dict[str, dict[str, Any]]]("selections", dict)

# moto's own path for a plan takes everything below it too, so these have to come first.
replace_value(
    urls,
    "url_paths",
    {
        f"{_PATH}/?$": BackupResponse.dispatch,
        f"{_PATH}/(?P<selection>[^/]+)/?$": BackupResponse.dispatch,
        **urls.url_paths,
    },
    why=_WHY,
    seen_on="5.2.5",
)


def _all(response: BackupResponse) -> dict[str, dict[str, Any]]:
    return _selections.of(response.backup_backend)


def _addressed(response: BackupResponse) -> tuple[str, str]:
    """The plan and, where the path names one, the selection."""
    parts = response.path.strip("/").split("/")
    return parts[2], parts[4] if len(parts) > 4 else ""


@add(BackupResponse, "create_backup_selection", why=_WHY, seen_on="5.2.5")
def _create_backup_selection(self: BackupResponse) -> str:
    plan, _ = _addressed(self)
    selection = str(uuid.uuid4())
    created = {"SelectionId": selection, "BackupPlanId": plan, "CreationDate": time.time()}
    _all(self)[selection] = {
        **created,
        "BackupSelection": json.loads(self.body)["BackupSelection"],
    }
    return json.dumps(created)


@add(BackupResponse, "get_backup_selection", why=_WHY, seen_on="5.2.5")
def _get_backup_selection(self: BackupResponse) -> str:
    plan, selection = _addressed(self)
    found = _all(self).get(selection)
    if found is None or found["BackupPlanId"] != plan:
        # The provider looks for this very sentence to know that a selection is gone.
        raise JsonRESTError("InvalidParameterValueException", "Cannot find Backup plan")
    return json.dumps(found)


@add(BackupResponse, "list_backup_selections", why=_WHY, seen_on="5.2.5")
def _list_backup_selections(self: BackupResponse) -> str:
    plan, _ = _addressed(self)
    return json.dumps({"BackupSelectionsList": [s for s in _all(self).values() if s["BackupPlanId"] == plan]})


@add(BackupResponse, "delete_backup_selection", why=_WHY, seen_on="5.2.5")
def _delete_backup_selection(self: BackupResponse) -> str:
    _, selection = _addressed(self)
    _all(self).pop(selection, None)
    return "{}"


@wrap(
    BackupResponse,
    "list_tags",
    why="moto wants the trailing slash of boto3's path; Go's SDK writes none",
    seen_on="5.2.5",
)
def _list_tags(original: Any, self: BackupResponse) -> str:
    arn = unquote(self.path.split("/tags/", 1)[1].rstrip("/"))
    backend: BackupBackend = self.backup_backend
    return json.dumps({"Tags": backend.list_tags(arn)})

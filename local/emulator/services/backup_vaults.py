"""AWS Backup: the access policy of a vault, and its recovery points, of which there are none."""

import json
from typing import Any, Final

from moto.backup import urls
from moto.backup.models import Vault
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError

from local.emulator.patching import Extra, add, replace_value

_WHY: Final = "moto has no access policies of backup vaults"
_NO_POINTS: Final = "moto has no recovery points"

_policy: Final = Extra[str]("access_policy", str)

replace_value(
    urls,
    "url_paths",
    {
        **urls.url_paths,
        "{0}/backup-vaults/(?P<name>[^/]+)/access-policy$": BackupResponse.dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/?$": BackupResponse.dispatch,
    },
    why=_WHY,
    seen_on="5.2.5",
)


def _addressed(response: BackupResponse) -> Vault:
    name = response.path.split("/backup-vaults/", 1)[1].split("/")[0]
    vault: Any = response.backup_backend.describe_backup_vault(name)
    return response.backup_backend.vaults[name] if vault else vault


@add(BackupResponse, "put_backup_vault_access_policy", why=_WHY, seen_on="5.2.5")
def _put_backup_vault_access_policy(self: BackupResponse) -> str:
    _policy.put(_addressed(self), json.loads(self.body)["Policy"])
    return "{}"


@add(BackupResponse, "get_backup_vault_access_policy", why=_WHY, seen_on="5.2.5")
def _get_backup_vault_access_policy(self: BackupResponse) -> str:
    vault = _addressed(self)
    if not _policy.of(vault):
        raise JsonRESTError("ResourceNotFoundException", "The vault has no access policy.")
    names = {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}
    return json.dumps({**names, "Policy": _policy.of(vault)})


@add(BackupResponse, "delete_backup_vault_access_policy", why=_WHY, seen_on="5.2.5")
def _delete_backup_vault_access_policy(self: BackupResponse) -> str:
    _policy.put(_addressed(self), "")
    return "{}"


@add(BackupResponse, "list_recovery_points_by_backup_vault", why=_NO_POINTS, seen_on="5.2.5")
def _list_recovery_points(self: BackupResponse) -> str:
    """Nothing here runs a plan, so no vault holds one. Terraform asks before it deletes a vault by force."""
    _addressed(self)
    return json.dumps({"RecoveryPoints": []})

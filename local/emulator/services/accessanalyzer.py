"""IAM Access Analyzer, a service that moto does not have: analyzers that exist and find nothing."""

import json
import re
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote

from moto import backend_index, backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse

from local.emulator.patching import replace_value, wrap

_WHY: Final = "moto has no Access Analyzer"
_CREATED: Final = "2026-01-01T00:00:00Z"


class AccessAnalyzerBackend(BaseBackend):
    """The analyzers of one account and Region, by name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.analyzers: dict[str, dict[str, Any]] = {}

    @property
    def _url_module(self) -> Any:
        return SimpleNamespace(url_bases=_URL_BASES, url_paths=_URL_PATHS)

    def arn(self, name: str) -> str:
        """The ARN of an analyzer of this name."""
        return f"arn:{self.partition}:access-analyzer:{self.region_name}:{self.account_id}:analyzer/{name}"


class _NotFoundError(JsonRESTError):
    code = 404

    def __init__(self, name: str) -> None:
        super().__init__("ResourceNotFoundException", f"Analyzer {name} does not exist.")


class AccessAnalyzerResponse(BaseResponse):
    """The actions that Terraform needs, under the names that botocore gives them."""

    def __init__(self) -> None:
        super().__init__(service_name="accessanalyzer")

    @property
    def _backend(self) -> AccessAnalyzerBackend:
        return accessanalyzer_backends[self.current_account][self.region]

    def create_analyzer(self) -> str:
        asked = json.loads(self.body)
        name, arn = asked["analyzerName"], self._backend.arn(asked["analyzerName"])
        self._backend.analyzers[name] = {
            "arn": arn,
            "name": name,
            "type": asked["type"],
            "status": "ACTIVE",
            "createdAt": _CREATED,
            "tags": asked.get("tags") or {},
        }
        return json.dumps({"arn": arn})

    def get_analyzer(self) -> str:
        return json.dumps({"analyzer": self._addressed()})

    def list_analyzers(self) -> str:
        return json.dumps({"analyzers": list(self._backend.analyzers.values())})

    def delete_analyzer(self) -> str:
        del self._backend.analyzers[self._addressed()["name"]]
        return "{}"

    def list_tags_for_resource(self) -> str:
        return json.dumps({"tags": self._addressed()["tags"]})

    def tag_resource(self) -> str:
        self._addressed()["tags"].update(json.loads(self.body)["tags"])
        return "{}"

    def untag_resource(self) -> str:
        for name in self.querystring.get("tagKeys", []):
            self._addressed()["tags"].pop(name, None)
        return "{}"

    def _addressed(self) -> dict[str, Any]:
        name = unquote(self.path).rstrip("/").split("/")[-1]
        if name not in self._backend.analyzers:
            raise _NotFoundError(name)
        return self._backend.analyzers[name]


_URL_BASES: Final = [r"https?://access-analyzer\.(.+)\.amazonaws\.com"]
_URL_PATHS: Final = {
    "{0}/analyzer$": AccessAnalyzerResponse.dispatch,
    "{0}/analyzer/(?P<name>[^/]+)$": AccessAnalyzerResponse.dispatch,
    "{0}/tags/(?P<arn>.+)$": AccessAnalyzerResponse.dispatch,
}

accessanalyzer_backends: Final = BackendDict(AccessAnalyzerBackend, "accessanalyzer")

replace_value(
    backend_index,
    "backend_url_patterns",
    [*backend_index.backend_url_patterns, ("accessanalyzer", re.compile(_URL_BASES[0]))],
    why=_WHY,
    seen_on="5.2.5",
)


@wrap(backends, "_import_backend", why=_WHY, seen_on="5.2.5")
def _import_backend(original: Any, module_name: str, backends_name: str) -> Any:
    return (
        accessanalyzer_backends if module_name == "accessanalyzer" else original(module_name, backends_name)
    )

"""CloudWatch Logs: saved queries, and the policies that mask sensitive data in a log group."""

import json
import time
import uuid
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.logs.responses import LogsResponse

from local.emulator.patching import Extra, add

_QUERIES_WHY: Final = "moto has no query definitions"
_POLICIES_WHY: Final = "moto has no data protection policies"

_queries: Final = Extra[dict[str, dict[str, Any]]]("query_definitions", dict)
_policies: Final = Extra[dict[str, dict[str, Any]]]("data_protection_policies", dict)


@add(LogsResponse, "put_query_definition", why=_QUERIES_WHY, seen_on="5.2.5")
def _put_query_definition(self: LogsResponse) -> str:
    identifier = self._get_param("queryDefinitionId") or str(uuid.uuid4())
    _queries.of(self.logs_backend)[identifier] = {
        "queryDefinitionId": identifier,
        "name": self._get_param("name"),
        "queryString": self._get_param("queryString"),
        "logGroupNames": self._get_param("logGroupNames") or [],
        "lastModified": int(time.time() * 1000),
    }
    return json.dumps({"queryDefinitionId": identifier})


@add(LogsResponse, "describe_query_definitions", why=_QUERIES_WHY, seen_on="5.2.5")
def _describe_query_definitions(self: LogsResponse) -> str:
    prefix = self._get_param("queryDefinitionNamePrefix") or ""
    found = [q for q in _queries.of(self.logs_backend).values() if q["name"].startswith(prefix)]
    return json.dumps({"queryDefinitions": found})


@add(LogsResponse, "delete_query_definition", why=_QUERIES_WHY, seen_on="5.2.5")
def _delete_query_definition(self: LogsResponse) -> str:
    if _queries.of(self.logs_backend).pop(self._get_param("queryDefinitionId"), None) is None:
        raise JsonRESTError("ResourceNotFoundException", "The query definition does not exist.")
    return json.dumps({"success": True})


@add(LogsResponse, "put_data_protection_policy", why=_POLICIES_WHY, seen_on="5.2.5")
def _put_data_protection_policy(self: LogsResponse) -> str:
    policy = {
        "logGroupIdentifier": self._get_param("logGroupIdentifier"),
        "policyDocument": self._get_param("policyDocument"),
        "lastUpdatedTime": int(time.time() * 1000),
    }
    _policies.of(self.logs_backend)[policy["logGroupIdentifier"]] = policy
    return json.dumps(policy)


@add(LogsResponse, "get_data_protection_policy", why=_POLICIES_WHY, seen_on="5.2.5")
def _get_data_protection_policy(self: LogsResponse) -> str:
    group = self._get_param("logGroupIdentifier")
    return json.dumps(_policies.of(self.logs_backend).get(group, {"logGroupIdentifier": group}))


@add(LogsResponse, "delete_data_protection_policy", why=_POLICIES_WHY, seen_on="5.2.5")
def _delete_data_protection_policy(self: LogsResponse) -> str:
    _policies.of(self.logs_backend).pop(self._get_param("logGroupIdentifier"), None)
    return "{}"

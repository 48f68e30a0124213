"""DynamoDB global tables (version 2019.11.21): replicas in other Regions.

The replicas share one store of items, so a write in one Region is read in the others at once: what the
replication delay does to an application has to be simulated elsewhere. A stream of a replica stays empty.
"""

import copy
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local.emulator.patching import Extra, wrap

_REPLICAS_WHY: Final = "moto knows global tables of the first version (2017) only and ignores ReplicaUpdates"

# What is said of each replica, by Region; one mapping that all replicas share, empty while there is none.
_replicas: Final = Extra[dict[str, dict[str, Any]]]("replicas", dict)


@wrap(Table, "describe", why=_REPLICAS_WHY, seen_on="5.2.5")
def _describe(original: Any, self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    described: dict[str, Any] = original(self, base_key)
    others = {region: facts for region, facts in _replicas.of(self).items() if region != self.region_name}
    if others:
        described[base_key]["GlobalTableVersion"] = "2019.11.21"
        described[base_key]["Replicas"] = [
            {"RegionName": region, "ReplicaStatus": "ACTIVE", **facts} for region, facts in others.items()
        ]
    return described


@wrap(DynamoHandler, "update_table", why=_REPLICAS_WHY, seen_on="5.2.5")
def _update_table(original: Any, self: DynamoHandler) -> Any:
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    for update in self.body.get("ReplicaUpdates") or []:
        for action, arguments in update.items():
            _ACTIONS[action](table, arguments)
    return original(self)


def _create_replica(table: Table, arguments: dict[str, Any]) -> None:
    region = arguments["RegionName"]
    facts = {
        name: value for name, value in arguments.items() if name in ("KMSMasterKeyId", "TableClassOverride")
    }
    _replicas.of(table).setdefault(table.region_name, {})
    _replicas.of(table)[region] = facts
    replica = copy.copy(table)
    _settle(replica, region)
    if "KMSMasterKeyId" in facts:
        replica.sse_specification = {
            **(table.sse_specification or {}),
            "KMSMasterKeyId": facts["KMSMasterKeyId"],
        }
    dynamodb_backends[table.account_id][region].tables[replica.name] = replica


def _settle(replica: Table, region: str) -> None:
    """Give a shallow copy everything that a replica has for itself."""
    replica.table_arn = replica.table_arn.replace(replica.region_name, region)
    replica.region_name = region
    replica.tags = []
    replica.continuous_backups = copy.deepcopy(replica.continuous_backups)
    replica.lambda_event_source_mappings = {}
    replica.latest_stream_label = None
    replica.stream_shard = None
    replica.set_stream_specification(copy.deepcopy(replica.stream_specification))


def _update_replica(table: Table, arguments: dict[str, Any]) -> None:
    facts = {
        name: value for name, value in arguments.items() if name in ("KMSMasterKeyId", "TableClassOverride")
    }
    _replicas.of(table)[arguments["RegionName"]].update(facts)


def _delete_replica(table: Table, arguments: dict[str, Any]) -> None:
    replicas = _replicas.of(table)
    replicas.pop(arguments["RegionName"], None)
    dynamodb_backends[table.account_id][arguments["RegionName"]].tables.pop(table.name, None)
    if set(replicas) == {table.region_name}:
        replicas.clear()


_ACTIONS: Final = {"Create": _create_replica, "Update": _update_replica, "Delete": _delete_replica}

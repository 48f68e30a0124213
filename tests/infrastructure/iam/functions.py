"""The calls of the functions, recorded where they are tested, as requests to the applied stack."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.infrastructure.iam.simulator import ENCRYPTION_CONTEXT, Request
from tests.support.call_scenarios import CALLING, KEYS, Scenario, with_budgets
from tests.support.world import world

Call = tuple[str, dict[str, Any], dict[str, str]]
"""A call of boto3's, its parameters, and the names of the keys by their ARNs."""

# KMS's condition keys that are parameters of a call.
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
PARAMETERS = {
    "KeyPairSpec": "kms:DataKeyPairSpec",
    "MacAlgorithm": "kms:MacAlgorithm",
    "SigningAlgorithm": "kms:SigningAlgorithm",
}

DYNAMODB_WITH_A_CUSTOMER_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What DynamoDB asks of a table's key in the name of who calls.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""


@dataclass(frozen=True)
class Stack:
    """Names and ARNs of the applied stack. `network` is the VPC's endpoint for DynamoDB."""

    region: str
    vault_id: str
    tables: dict[str, str]
    keys: dict[str, str]
    log_groups: dict[str, str]
    network: str
    stream: str
    archive: str
    state: str

    def context(self, given: dict[str, str]) -> dict[str, str]:
        """An encryption context with the stack's own vault id, as condition keys."""
        return {
            f"{ENCRYPTION_CONTEXT}{name}": value for name, value in {**given, "vault": self.vault_id}.items()
        }

    def items(self, *partitions: str) -> dict[str, str | list[str]]:
        """Condition keys of a call about items of these partitions, from the functions' network."""
        return {"dynamodb:LeadingKeys": list(partitions), "aws:SourceVpce": self.network}

    def through(self, service: str) -> dict[str, str]:
        """Condition keys of a service's asking KMS in the name of a role."""
        return {"kms:ViaService": f"{service}.{self.region}.amazonaws.com"}


def requests(stack: Stack, function: str, role: str) -> list[Request]:
    """What a function asks for in all its scenarios, once each, and what services ask in its name."""
    calls = [call for scenario in CALLING[function] for call in recorded(scenario)]
    asked = [request for call in calls for request in _requests(stack, role, call)]
    asked += [
        Request(role, action, stack.keys["tables"], stack.through("dynamodb"), direct=False)
        for action in DYNAMODB_WITH_A_CUSTOMER_KEY
    ]
    asked += _lambdas_own(stack, function, role)
    return list({str(request): request for request in asked}.values())


def archiving(stack: Stack, role: str) -> list[Request]:
    """What the archiving function asks for, and Lambda in its name; `test_applied.py` has the list."""
    through_s3 = stack.through("s3") | {f"{ENCRYPTION_CONTEXT}aws:s3:arn": stack.archive}
    reading = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
    return [
        Request(role, "s3:PutObject", f"{stack.archive}/2026-11-27/1-x.ndjson"),
        Request(role, "kms:GenerateDataKey", stack.keys["archive"], through_s3, direct=False),
        Request(role, "s3:ListBucket", stack.archive, direct=False),
        *(Request(role, action, stack.stream, direct=False) for action in reading),
        Request(role, "kms:Decrypt", stack.keys["tables"], stack.through("dynamodb"), direct=False),
        *_lambdas_own(stack, "archive", role),
    ]


def _lambdas_own(stack: Stack, function: str, role: str) -> list[Request]:
    return [
        Request(role, "logs:PutLogEvents", f"{stack.log_groups[function]}:log-stream:x", direct=False),
        Request(role, "xray:PutTraceSegments", "*", direct=False),
    ]


def recorded(scenario: Scenario) -> list[Call]:
    """The calls of the function whose turn comes last in a scenario."""
    calls: list[Call] = []
    with world(with_budgets()) as account:
        keys = {getattr(account, attribute, attribute): name for attribute, name in KEYS.items()}

        def note(call: str, parameters: dict[str, Any]) -> None:
            if len(account.calls) == 1:
                calls.clear()  # what went before was another function's
            calls.append((call.replace(".", ":", 1), parameters, keys))

        account.fault = note
        scenario(account)
    return calls


def _requests(stack: Stack, role: str, call: Call) -> Iterator[Request]:
    action, parameters, keys = call
    if "KeyId" in parameters:
        context = stack.context(parameters["EncryptionContext"]) if "EncryptionContext" in parameters else {}
        # Of a chain or a key, only what policies look at: ids differ from call to call.
        context = {
            name: value for name, value in context.items() if not name.endswith((":chain", ":key", ":tenant"))
        }
        context |= {key: parameters[name] for name, key in PARAMETERS.items() if name in parameters}
        yield Request(role, action, stack.keys[keys[parameters["KeyId"]]], context)
    else:
        for table, partitions in _partitions(parameters).items():
            arn = stack.tables[table] + (
                f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
            )
            yield Request(role, action, arn, stack.items(*sorted(partitions)) | _attributes(parameters))


def _attributes(parameters: dict[str, Any]) -> dict[str, str | list[str]]:
    """The condition keys of a scan, by the attributes that its expressions name. Other calls ask for all."""
    if "Select" not in parameters:
        return {}
    names = parameters["ExpressionAttributeNames"]
    projected = [names.get(name, name) for name in parameters["ProjectionExpression"].split(", ")]
    return {"dynamodb:Select": parameters["Select"], "dynamodb:Attributes": sorted({*projected, "sk"})}


def _partitions(parameters: dict[str, Any]) -> dict[str, set[str]]:
    """The partition keys that a call names, by table."""
    if "Segment" in parameters:
        return {parameters["TableName"]: set()}
    if "RequestItems" not in parameters:
        return {parameters["TableName"]: {_partition(parameters)}}
    found: dict[str, set[str]] = {}
    for table, items in parameters["RequestItems"].items():
        named = items["Keys"] if isinstance(items, dict) else [next(iter(item.values())) for item in items]
        found[table] = {_partition(item) for item in named}
    return found


def _partition(named: dict[str, Any]) -> str:
    if "KeyConditionExpression" in named:
        placeholder = named["KeyConditionExpression"].split(" = ")[1].split()[0]
        return str(named["ExpressionAttributeValues"][placeholder]["S"])
    key = named.get("Item") or named.get("Key") or named
    return str(key["pk"]["S"])

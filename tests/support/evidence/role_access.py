"""Which role may do what with which table and key: decided by somebody else's evaluator of IAM."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from tests.infrastructure.iam.policies import Account, role
from tests.infrastructure.iam.simulator import ENCRYPTION_CONTEXT, Context, Decision, Policies, Request
from tests.infrastructure.state import Found
from tests.support.evidence.applied import Applied
from tests.support.evidence.part import CannotHaveError, Part, Table

NAME: Final = "role-access"
TITLE: Final = "Roles: tables and keys"
ADMINISTRATOR: Final = role("an-administrator-of-the-account")
"""A role with `*` on `*` that no stack made: what the tables' and keys' own policies leave it."""

OF_TABLES: Final = (
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "DeleteTable", "GetItem", "PutItem", "Query", "Scan",
    "UpdateItem",
)  # fmt: skip
PARTITIONS: Final[Mapping[str, Context]] = {
    "": {"dynamodb:LeadingKeys": ["tenant#anything"]},
    "partition erasing": {"dynamodb:LeadingKeys": ["erasing"]},
}
OF_KEYS: Final[Mapping[str, Context]] = {
    # Actions without an encryption context, and the parameters that policies look at.
    "kms:GenerateMac": {"kms:MacAlgorithm": "HMAC_SHA_256"},
    "kms:Sign": {"kms:SigningAlgorithm": "ECDSA_SHA_256"},
    "kms:PutKeyPolicy": {},
    "kms:DisableKey": {},
    "kms:ScheduleKeyDeletion": {},
}
WITH_CONTEXT: Final[Mapping[str, Context]] = {
    "kms:Decrypt": {},
    "kms:Encrypt": {},
    "kms:GenerateDataKey": {},
    "kms:GenerateDataKeyPairWithoutPlaintext": {"kms:DataKeyPairSpec": "ECC_NIST_P256"},
    "kms:ReEncryptFrom": {},
    "kms:CreateGrant": {},
}
PURPOSES: Final = ("branch-key", "tokenizing-bundle", "prf-key")
CHAINS: Final = ("tokenize", "reveal", "maintain")

Question = tuple[str, str, str, Request]
"""Role, name of the table or key, circumstances (none: an empty text), and the request."""


class Evaluator(Protocol):
    """What decides requests; `tests.infrastructure.iam.simulator` has the real one."""

    def decide(self, asked: Sequence[tuple[Request, Policies]]) -> list[Decision]: ...


def questions(applied: Applied) -> Iterator[Question]:
    """Every role of the stack and an administrator, with every table and key."""
    found = applied.found
    names = sorted({str(policy["role"]) for policy in found.all("aws_iam_role_policy")})
    for arn in (*(role(name) for name in names), ADMINISTRATOR):
        for name, table in found.named("aws_dynamodb_table", "this").items():
            yield from _of_table(arn, name, table["arn"], _network(found))
        for name, key in _keys(found).items():
            yield from _of_key(arn, name, key, applied)


def _network(found: Found) -> Context:
    """The functions' own endpoint, where the stack has a network: tables take no other way."""
    endpoints = found.named("aws_vpc_endpoint", "gateway")
    return {"aws:SourceVpce": endpoints["dynamodb"]["id"]} if endpoints else {}


def _keys(found: Found) -> dict[str, str]:
    """ARNs of all keys: those of the vault by their names, others by their `resource` blocks'."""
    named = {name: key["arn"] for name, key in found.named("aws_kms_key", "this").items()}
    return named | {
        name: key["arn"]
        for name in ("archive", "logs", "alarms")
        for key in found.named("aws_kms_key", name).values()
    }


def _of_table(arn: str, name: str, table: str, network: Context) -> Iterator[Question]:
    for action in OF_TABLES:
        for circumstances, context in PARTITIONS.items():
            yield arn, name, circumstances, Request(arn, f"dynamodb:{action}", table, {**context, **network})


def _of_key(arn: str, name: str, key: str, applied: Applied) -> Iterator[Question]:
    for action, parameters in OF_KEYS.items():
        yield arn, name, "", Request(arn, action, key, parameters)
    for action, parameters in WITH_CONTEXT.items():
        for circumstances, context in _contexts(applied):
            yield arn, name, circumstances, Request(arn, action, key, {**parameters, **context})


def _contexts(applied: Applied) -> Iterator[tuple[str, Context]]:
    """No encryption context, each that this vault uses, and a service that asks in the role's name."""
    vault = {f"{ENCRYPTION_CONTEXT}vault": str(applied.policy["vault_id"])}
    yield "", {}
    for purpose in PURPOSES:
        yield f"for {purpose}", vault | {f"{ENCRYPTION_CONTEXT}purpose": purpose}
    for function in CHAINS:
        chain = {f"{ENCRYPTION_CONTEXT}purpose": "audit-chain", f"{ENCRYPTION_CONTEXT}function": function}
        yield f"for audit-chain of {function}", vault | chain
    region = next(iter(applied.found.all("aws_dynamodb_table")))["arn"].split(":")[3]
    yield "through DynamoDB", {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"}
    for bucket in applied.found.named("aws_s3_bucket", "archive").values():
        through = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
        yield "through S3", through | {f"{ENCRYPTION_CONTEXT}aws:s3:arn": bucket["arn"]}


def role_access(applied: Applied, evaluator: Evaluator | None) -> Part:
    """The part. Raises `CannotHaveError` without an evaluator, or if it does not decide."""
    if evaluator is None:
        raise CannotHaveError("the evaluator of IAM needs Node.js with npm, which is not here")
    account, asked = Account([applied.found]), list(questions(applied))
    try:
        decided = evaluator.decide([(request, account.bearing_on(request)) for *_, request in asked])
    except ValueError as problem:
        raise CannotHaveError(f"the evaluator of IAM does not decide: {str(problem)[:500]}") from None
    allowed = [
        {
            "role": arn.rpartition("/")[2],
            "resource": f"{'table' if ':dynamodb:' in request.resource else 'key'} {name}",
            "action": request.action,
            "circumstances": circumstances,
            "by": list(decision.by),
        }
        for (arn, name, circumstances, request), decision in zip(asked, decided, strict=True)
        if decision.allowed
    ]
    missing = _partly(applied)
    return Part(
        NAME,
        TITLE,
        "incomplete" if missing else "recorded",
        f"of {len(asked)} requests {len(allowed)} are allowed, all others denied; from {applied.source}",
        {
            "source": applied.source,
            "asked": len(asked),
            "actions": sorted({request.action for *_, request in asked}),
            "allowed": allowed,
        },
        [_table(allowed)],
        missing,
    )


def _partly(applied: Applied) -> tuple[str, ...]:
    """The snapshot has no other roles, and says nothing of a stack that somebody deployed."""
    if applied.found.all("aws_iam_role"):
        return ()
    return (
        f"{TITLE}: roles and keys beside the API's functions, and the stack that is deployed. Give STATE=",
    )


def _table(allowed: Sequence[Mapping[str, Any]]) -> Table:
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for grant in allowed:
        actions = rows.setdefault((grant["role"], grant["resource"]), {})
        actions.setdefault(grant["action"].partition(":")[2], []).append(grant["circumstances"])
    return Table(
        "What roles may do with tables and keys. All others of the actions that were asked about are denied.",
        ["role", "table or key", "actions"],
        [
            [*key, "\n".join(_line(action, found) for action, found in actions.items())]
            for key, actions in rows.items()
        ],
    )


def _line(action: str, circumstances: Sequence[str]) -> str:
    """An action, and under which circumstances only, if it is not allowed without any."""
    return action if "" in circumstances else f"{action} ({', '.join(circumstances)})"

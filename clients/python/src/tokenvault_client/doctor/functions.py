"""The functions: deployed with the policy of the stack, which is there, and bounded as the stack says."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.asking import AwsClients, Problem, judged
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs

_WITH_POLICY: Final = ("tokenize", "reveal", "maintain")
"""Functions that read the policy."""

_DIGEST: Final = "TOKENVAULT_POLICY_SHA256"


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """Policy and concurrency of each function, and the policy's item."""
    lambdas, alias, digest = clients("lambda"), stack.function_alias, stack.policy_sha256
    for name in _WITH_POLICY:
        ask = partial(
            lambdas.get_function_configuration, FunctionName=stack.function_names[name], Qualifier=alias
        )
        yield judged(f"function {name}: policy", "that of the stack", ask, policy_problem(digest))
    item = partial(_policy_item, clients("dynamodb"), stack.tables["policy"], digest)
    yield judged("policy item", "the one that the functions name is there", item, item_problem)
    for name, function in stack.function_names.items():
        limit = stack.reserved_concurrency.get(name)
        ask = partial(lambdas.get_function_concurrency, FunctionName=function)
        holds = "none reserved, as the stack has it" if limit is None else f"{limit} reserved"
        yield judged(f"function {name}: concurrency", holds, ask, concurrency_problem(limit))


def _policy_item(dynamodb: Any, table: str, digest: str) -> Any:
    """The key of the item alone: the policy's text is nobody's business here."""
    key = {"pk": {"S": "policy"}, "sk": {"S": digest}}
    return dynamodb.get_item(TableName=table, Key=key, ProjectionExpression="sk", ConsistentRead=True)


def policy_problem(digest: str) -> Problem:
    """Whether the version that gets the calls was deployed with another policy."""

    def problem(answer: Any) -> str | None:
        deployed = answer.get("Environment", {}).get("Variables", {}).get(_DIGEST)
        return None if deployed == digest else "deployed with another policy than the stack's"

    return problem


def item_problem(answer: Any) -> str | None:
    """Whether the policy that the functions name is not in the table: containers that start now fail."""
    return None if "Item" in answer else "not in the table: functions that start now have no policy"


def concurrency_problem(wanted: int | None) -> Problem:
    """Whether another number of concurrent runs is set apart for a function."""

    def problem(answer: Any) -> str | None:
        found = answer.get("ReservedConcurrentExecutions")
        if found == wanted:
            return None
        return f"{'none' if found is None else found} reserved, not {'none' if wanted is None else wanted}"

    return problem

"""The functions of a stack that an operator asks by events: AWS decides by IAM who may."""

import argparse
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tokenvault_client.cli.aws import aws
from tokenvault_client.cli.session import Session
from tokenvault_client.doctor import read_outputs
from tokenvault_client.errors import Refused, Unavailable

_LARGEST: Final = 1024 * 1024
"""Outputs of a stack have some kilobytes, and some hundred for each client."""

_PASSING: Final = frozenset({"StoreUnavailable", "KeyUnavailable", "Sandbox.Timedout"})
"""Kinds of errors after which the same event may be sent again."""

_READ_SECONDS: Final = 310
"""The maintenance function has 300 seconds."""


@dataclass(frozen=True)
class Functions:
    """The functions of one stack."""

    _client: Any = field(repr=False)
    _names: Mapping[str, str]
    _alias: str
    place: str = ""
    """The Region and the vault, which tell one stack from another."""

    def maintain(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Has the maintenance function answer an event.

        Raises `Refused` or `Unavailable`, and as `aws` does.
        """
        return self._answer("maintain", event)

    def reveal(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Has the revealing function answer an event. Raises as `maintain` does."""
        return self._answer("reveal", event)

    def _answer(self, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
        named = {"FunctionName": self._names[name], "Qualifier": self._alias}
        with aws():
            answer = self._client.invoke(**named, Payload=json.dumps(event).encode())
            said: Any = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise _crash(said)
        if "error" in said:
            raise _error(said["error"])
        return dict(said)


@contextmanager
def opened(session: Session, chosen: argparse.Namespace) -> Iterator[Functions]:
    """The functions of the stack that `--stack` describes. Raises `ConfigurationError`, and as `aws` does."""
    with session.reading(chosen.stack, "--stack") as file:
        stack = read_outputs(file.read(_LARGEST))
    with aws() as boto3:
        from botocore.config import Config  # noqa: PLC0415  # comes with boto3, which is an extra

        # A step of a walk that was taken and lost its answer is not to be sent again: it is begun from again.
        once = Config(retries={"total_max_attempts": 1}, read_timeout=_READ_SECONDS)
        client = boto3.client("lambda", stack.region, config=once)
        yield Functions(
            client, stack.function_names, stack.function_alias, f"{stack.region}/{stack.vault_id}"
        )


def _error(said: Any) -> Refused | Unavailable:
    """What the function says went wrong: a field and a rule, and never a value."""
    return (Unavailable if said["retry"] else Refused).of(said["code"], said["detail"])


def _crash(said: Any) -> Refused | Unavailable:
    """An error that left the function, in its own words."""
    kind, detail = str(said.get("errorType", "unknown")), str(said.get("errorMessage", ""))
    if kind in _PASSING:
        return Unavailable.of("function_unavailable", detail or kind)
    return Refused.of("function_refused", f"{kind}: {detail}")

"""All checks, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokenvault_client.doctor import (
    account,
    alarms,
    api,
    denied,
    firing,
    functions,
    keys,
    logs,
    tables,
    tls_floor,
    visitor,
)
from tokenvault_client.doctor.asking import AwsClients
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs
from tokenvault_client.doctor.visitor import Visitor
from tokenvault_client.http import Transport

_OF_AWS: Final = (account, keys, denied, tables, functions, logs, alarms)


@dataclass(frozen=True)
class Reached:
    """The API as it is reached from here: where, with which TLS, and as which client, if one is given.

    `new_context` makes a context for TLS; None if the API is not reached directly.
    """

    url: str
    api: Transport
    new_context: tls_floor.NewContext | None
    visitor: Visitor | None


def examine(
    reached: Reached, clients: AwsClients, stack: Outputs, fired: Sequence[str] | None = None
) -> Iterator[Finding]:
    """What each check found, as it is found.

    The alarms named in `fired` are set off at the end, all if it is empty, and none if it is None.
    """
    yield from api.check(reached.api)
    yield tls_floor.check(reached.url, reached.new_context)
    yield from visitor.check(reached.visitor)
    for group in _OF_AWS:
        yield from group.check(clients, stack)
    if fired is not None:
        yield from firing.fire(clients, stack, fired)

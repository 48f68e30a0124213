"""What an operator asks of the functions about keys, as events; `tokenvault keys` sends them.

Whoever may invoke a function may ask: it is IAM that decides. Answers hold ids of keys, numbers and times.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from chalicelib.auth.policy import NAME
from chalicelib.errors import InvalidRequest
from chalicelib.model import FIRST_PRF_KEY, MAX_PRF_KEY
from chalicelib.service.event_fields import read_flag, read_matching, read_step
from chalicelib.service.walker import Walker
from chalicelib.vault.walks import SEGMENTS, Walk

MAINTENANCE_EVENTS: Final = ("versions", "walk", "retire", "reinstate")
"""Names of the maintenance function's events about keys, each with what it is about."""

_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")


def answer(walker: Walker, event: Mapping[str, Any]) -> dict[str, Any]:
    """Does what an event asks for. Raises `InvalidRequest`, or what the use case raises."""
    asked = {name: event[name] for name in MAINTENANCE_EVENTS if name in event}
    if len(asked) != 1 or not isinstance(next(iter(asked.values())), dict):
        raise InvalidRequest(f"event: one of {', '.join(MAINTENANCE_EVENTS)} is needed, with its fields")
    [(name, fields)] = asked.items()
    tenant = read_tenant(fields.get("tenant"))
    if name == "versions":
        return _versions(walker, tenant)
    if name == "walk":
        return _facts(_walk(walker, tenant, fields))
    if name == "retire" and not {"key", "compromised"} & fields.keys():
        return {"retire": walker.retire_unnamed(tenant)}
    key_id = read_matching(_KEY_ID, fields.get("key"), "key: the id of a version is needed")
    if name == "retire":
        walker.retire(tenant, key_id, compromised=read_flag(fields, "compromised"))
    else:
        walker.reinstate(tenant, key_id)
    return {name: key_id}


def read_tenant(name: object) -> str:
    """The name of a tenant. Raises `InvalidRequest`."""
    return read_matching(NAME, name, "tenant: its name is needed")


def read_rewrap(event: Mapping[str, Any]) -> tuple[str, int | None]:
    """Whose page the revealing function is asked to seal again, and of which part's walk.

    Raises `InvalidRequest`.
    """
    return read_tenant(event.get("rewrap")), _part(event)


def read_prf_key(event: Mapping[str, Any]) -> int | None:
    """The number of the PRF key that the maintenance function is asked to make; None if it is asked for none.

    Raises `InvalidRequest`.
    """
    number = event.get("prf_key")
    if number is not None and (type(number) is not int or not FIRST_PRF_KEY <= number <= MAX_PRF_KEY):
        raise InvalidRequest(f"prf_key: a number from {FIRST_PRF_KEY} to {MAX_PRF_KEY} is needed")
    return number


def _versions(walker: Walker, tenant: str) -> dict[str, Any]:
    progress = walker.progress(tenant)
    return {
        "versions": [asdict(version) for version in walker.versions(tenant)],
        "prf_keys": [{"number": each, "ready": ready} for each, ready in walker.prf_keys(tenant).items()],
        "progress": None if progress is None else asdict(progress),
    }


def _walk(walker: Walker, tenant: str, fields: Mapping[str, Any]) -> Walk:
    part = _part(fields)
    if "revision" not in fields:
        begun = fields.get("begun")
        if begun is not None and type(begun) is not int:
            raise InvalidRequest("begun: a whole number is needed")
        return walker.begin(tenant, moves=read_flag(fields, "moves"), begun=begun, part=part)
    return walker.step(tenant, *read_step(fields), part)


def _facts(walk: Walk) -> dict[str, Any]:
    """A walk, without the tokens on its page: how many there are is enough."""
    return {
        "revision": walk.revision,
        "begun": walk.begun,
        "moves": walk.moves,
        "newest": walk.newest,
        "done": walk.is_done,
        "seen": walk.seen,
        "estimate": walk.estimate,
        "records": dict(walk.counts),
        "waiting": len(walk.page),
    }


def _part(fields: Mapping[str, Any]) -> int | None:
    part = fields.get("part")
    if part is not None and (type(part) is not int or not 0 <= part < SEGMENTS):
        raise InvalidRequest(f"part: a segment from 0 to {SEGMENTS - 1} is needed")
    return part

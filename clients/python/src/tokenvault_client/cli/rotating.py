"""The commands that rotate a tenant's key, to the end: until the old version opens nothing any more."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tokenvault_client.cli import printing
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.functions import Functions, opened
from tokenvault_client.cli.key_walks import Walks
from tokenvault_client.cli.session import Session

Version = Mapping[str, Any]


def rotate(session: Session, chosen: argparse.Namespace) -> Exit:
    """Another version, which new records are sealed under."""
    with opened(session, chosen) as functions:
        made = functions.maintain({"rotate": chosen.tenant})
    session.result(made, f"made {', '.join(made['made'])}; ready in every Region: {', '.join(made['ready'])}")
    return Exit.OK


def status(session: Session, chosen: argparse.Namespace) -> Exit:
    """The versions, how many records name each, and which PRF keys there are."""
    with opened(session, chosen) as functions:
        if not chosen.no_count:
            _walks(session, chosen, functions).run(moves=False)
        answer = functions.maintain({"versions": {"tenant": chosen.tenant}})
        if chosen.no_count and (progress := answer.get("progress")):
            session.result({"progress": progress}, _progress_text(progress))
        _tell(session, answer["versions"])
        _tell_prf_keys(session, answer.get("prf_keys", ()))  # a service of before has one, and does not say
    return Exit.OK


def rewrap(session: Session, chosen: argparse.Namespace) -> Exit:
    """Every record under the newest version; the versions that no record names any more retire."""
    with opened(session, chosen) as functions:
        walks = _walks(session, chosen, functions)
        walks.run(moves=True)
        moved = dict(walks.moved)
        session.result({"records": moved}, _moved_text(moved))
        begun = int(walks.run(moves=False)["begun"])
        if moved.get("waiting") and chosen.compromised:
            session.say(f"{moved['waiting']} records wait for a secret that may still come to this Region")
        left = [version for version in _versions(functions, chosen.tenant) if _is_superseded(version)]
        waiting = [version for version in left if not _retired(session, chosen, functions, version, begun)]
        _tell(session, _versions(functions, chosen.tenant))
    return Exit.SOME_FAILED if waiting else Exit.OK


def reinstate(session: Session, chosen: argparse.Namespace) -> Exit:
    """A retired version opens records again."""
    with opened(session, chosen) as functions:
        functions.maintain({"reinstate": {"tenant": chosen.tenant, "key": chosen.key}})
        _tell(session, _versions(functions, chosen.tenant))
    return Exit.OK


def _retired(
    session: Session, chosen: argparse.Namespace, functions: Functions, version: Version, begun: int
) -> bool:
    """Whether the version could be retired by a walk that began at this Unix time; says why not."""
    key_id, records = version["key_id"], version["records"]
    if begun < version["retires_from"]:
        session.say(
            f"{key_id} may still be written with; run this again after {_at(version['retires_from'])}"
        )
        return False
    if records and not chosen.compromised:
        session.say(f"{key_id} is named by {records} records that could not be moved; it stays")
        return False
    if records and not chosen.yes:
        question = f"{records} records name {key_id} and could not be moved; they will not open. Retire it?"
        session.confirm(question, otherwise="it was not retired", why="records will not open any more")
    retire = {"tenant": chosen.tenant, "key": key_id, "compromised": chosen.compromised}
    functions.maintain({"retire": retire})
    return True


def _walks(session: Session, chosen: argparse.Namespace, functions: Functions) -> Walks:
    return Walks(functions, chosen.tenant, chosen.items_per_second, session.say)


def _versions(functions: Functions, tenant: str) -> Sequence[Version]:
    answer = functions.maintain({"versions": {"tenant": tenant}})
    return list(answer["versions"])


def _is_superseded(version: Version) -> bool:
    return version["retires_from"] is not None and version["retired"] is None


def _tell(session: Session, versions: Sequence[Version]) -> None:
    for version in versions:
        state = _state(version)
        fields = {**version, "created": _at(version["created"]), "state": state}
        fields |= {name: _at(version[name]) for name in ("retired", "retires_from")}
        records = "not counted" if version["records"] is None else f"{version['records']:,} records"
        session.result(
            {"version": fields}, f"{version['key_id']}  {state:11}{records:>18}  of {fields['created']}"
        )


def _tell_prf_keys(session: Session, keys: Sequence[Mapping[str, Any]]) -> None:
    """Tokens follow from those that every Region has seen."""
    for key in keys:
        state = "ready" if key["ready"] else "not ready"
        session.result({"prf_key": key}, f"PRF key {key['number']}  {state}")


def _state(version: Version) -> str:
    if version["retired"] is not None:
        return "retired"
    if version["retires_from"] is not None:
        return "superseded"
    return "in use" if version["ready"] else "not ready"


def _progress_text(progress: Mapping[str, Any]) -> str:
    """How far the state machine has come, if there is one: its walks are those over single segments."""
    line = (
        f"segments walked side by side: {progress['done']} of 16 done, {progress['seen']:,} items looked at"
    )
    return line if progress["estimate"] is None else f"{line}, of about {progress['estimate']:,}"


def _moved_text(moved: Mapping[str, int]) -> str:
    meanings = {
        "moved": "sealed again",
        "passed": "erased or sealed again by others meanwhile",
        "closed": "of a secret that was destroyed",
        "waiting": "of a secret that has not arrived in this Region",
        "corrupt": "that somebody changed",
    }
    parts = [f"{moved.get(name, 0):,} {meaning}" for name, meaning in meanings.items()]
    return f"records: {', '.join(part for part in parts if not part.startswith('0 ')) or 'none to be moved'}"


def _at(seconds: int | None) -> str | None:
    return None if seconds is None else printing.time(datetime.fromtimestamp(seconds, UTC))

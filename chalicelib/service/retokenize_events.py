"""What an operator asks of the functions about new tokens for a type; `tokenvault retokenize` sends them.

They are events: whoever may invoke a function may ask, it is IAM that decides. Answers hold numbers, and what
is sealed or signed.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.auth.policy import NAME
from chalicelib.errors import InvalidRequest
from chalicelib.service.event_fields import read_flag, read_matching, read_step
from chalicelib.service.retokenizer import PairsChunk, Retokenizer
from chalicelib.service.token_walker import TokenWalker
from chalicelib.vault.token_walks import TokenWalk

EVENT: Final = "retokenize"
"""Name of the event, of both functions."""

_RUN: Final = re.compile(r"[0-9a-f]{32}")
_MOST_TEXT: Final = 16_384
"""Characters of an opening, a cursor or a key: theirs are a few thousand at most."""


def walk(walker: TokenWalker, event: Mapping[str, Any]) -> dict[str, Any]:
    """Has the maintenance function begin a walk, or put down the page behind that of a `revision`.

    Raises `InvalidRequest`, or what the use case raises.
    """
    fields = _fields(event)
    which = _name(fields, "tenant"), _name(fields, "type"), _run(fields)
    if "revision" not in fields:
        return _facts(walker.begin(*which, anew=read_flag(fields, "anew")))
    return _facts(walker.step(*which, *read_step(fields)))


def answer(retokenizer: Retokenizer, event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Has the revealing function begin a run, or take the page behind a `cursor`.

    Raises `InvalidRequest`, or what the use case raises.
    """
    fields = _fields(event)
    if "cursor" in fields:
        return _chunk(retokenizer.page(_text(fields, "opening"), _text(fields, "cursor"), request_id))
    which = _name(fields, "tenant"), _name(fields, "type"), _text(fields, "recipient"), _run(fields)
    begun = retokenizer.begin(*which, request_id)
    return {
        "opening": begun.opening,
        "cursor": begun.cursor,
        "prf_key": begun.run.prf_key,
        "recipient_sha256": begun.run.recipient.fingerprint,
    }


def counts(answered: Mapping[str, Any]) -> dict[str, int]:
    """What became of a page, in numbers; nothing of a run that was begun."""
    return dict(answered.get("page", {}))


def _facts(walked: TokenWalk) -> dict[str, Any]:
    """A walk, without the tokens on its page."""
    return {
        "revision": walked.revision,
        "begun": walked.begun,
        "done": walked.is_done,
        "seen": walked.seen,
        "estimate": walked.estimate,
    }


def _chunk(given: PairsChunk) -> dict[str, Any]:
    page = given.page
    return {
        "number": given.number,
        "sealed": b64encode(given.sealed).decode(),
        "tokens": given.progress.tokens,
        "failed": given.progress.failed,
        "page": {
            "moved": page.moved,
            "passed": page.passed,
            "closed": page.closed,
            "failed": page.failed,
        },
        "cursor": given.cursor,
        "receipt": given.receipt,
    }


def _fields(event: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = event.get(EVENT)
    if not isinstance(fields, dict):
        raise InvalidRequest(f"{EVENT}: its fields are needed")
    return fields


def _name(fields: Mapping[str, Any], name: str) -> str:
    return read_matching(NAME, fields.get(name), f"{name}: its name is needed")


def _run(fields: Mapping[str, Any]) -> str:
    return read_matching(_RUN, fields.get("run"), "run: 32 hexadecimal digits are needed")


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        raise InvalidRequest(f"{name}: a text of at most {_MOST_TEXT} characters is needed")
    return text

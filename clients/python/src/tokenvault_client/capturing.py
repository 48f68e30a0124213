"""Capture sessions: what a back end hands to its page, which tokenizes by it without any other secret."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenvault_client import answers
from tokenvault_client.calls import Call
from tokenvault_client.operations import One, listed
from tokenvault_client.results import given
from tokenvault_client.sending import json_bytes


@dataclass(frozen=True)
class CaptureSession:
    """A session, for the page alone: whoever has it can hand values in.

    It is taken until `expires`, a Unix time in seconds, as the API has it for the page. `session_id` is for
    the back end, and no secret: facts of a token that the page hands over have it in their metadata, as
    `capture_session`, and those of any other token of a random type have not.
    """

    session: str = field(repr=False)
    expires: int
    session_id: str


def capture_session(
    types: Iterable[str],
    origin: str,
    *,
    max_values: int,
    ttl_seconds: int,
    single_use: bool,
    subject: str | None,
) -> One[CaptureSession]:
    body = {
        "types": list(listed(types, "types")),
        "origin": origin,
        "max_values": max_values,
        "ttl_seconds": ttl_seconds,
        "single_use": single_use,
        **given(subject=subject),
    }
    call = Call("POST", "/v1/capture-sessions", {"capture"}, json_bytes(body))
    return One(call, lambda answer: answers.parsed(_session, answer))


def _session(body: Mapping[str, Any]) -> CaptureSession:
    return CaptureSession(str(body["session"]), int(body["expires"]), str(body["session_id"]))

"""Capture sessions as text: what is signed, and what a page carries. Pure.

The text is `base64url(payload).base64url(mac)`, without padding (RFC 4648, section 5). Who has it can read
the payload, which holds no secret; who changes it needs another MAC.
"""

from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Annotated, Final, Literal

import msgspec

from chalicelib.caller import CaptureSession

MAX_TEXT: Final = 4096
"""Most characters of a session. API Gateway takes 10,240 bytes of headers:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

_Unsigned = Annotated[int, msgspec.Meta(ge=0)]


class _Payload(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A JSON array, in this order."""

    version: Literal[1]
    session_id: str
    tenant: str
    client: str
    types: list[str]
    origin: str
    max_values: _Unsigned
    single_use: bool
    subject: str | None
    expires: _Unsigned


def payload(session: CaptureSession) -> bytes:
    """The bytes of a session that its MAC is of."""
    types, bounds = list(session.types), (session.origin, session.max_values, session.single_use)
    named = session.session_id, session.tenant, session.client
    return msgspec.json.encode(_Payload(1, *named, types, *bounds, session.subject, session.expires))


def text(signed: bytes, mac: bytes) -> str:
    """The session as a page carries it."""
    return f"{base64url(signed)}.{base64url(mac)}"


def parts(written: str) -> tuple[bytes, bytes] | None:
    """Payload and MAC, neither of them verified; None for what is no session.

    There is one spelling of each session: what only a lenient decoder reads is none.
    """
    encoded, dot, mac = written.partition(".")
    if not dot or len(written) > MAX_TEXT:
        return None
    decoded = _decoded(encoded), _decoded(mac)
    return None if decoded[0] is None or decoded[1] is None else (decoded[0], decoded[1])


def session(verified: bytes) -> CaptureSession | None:
    """The session of a payload whose MAC was verified; None for one of another version."""
    try:
        read = msgspec.json.decode(verified, type=_Payload)
    except msgspec.DecodeError:
        return None
    named = read.session_id, read.tenant, read.client
    bounds = read.origin, read.max_values, read.single_use
    return CaptureSession(*named, tuple(read.types), *bounds, read.subject, read.expires)


def base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(encoded: str) -> bytes | None:
    try:
        raw = b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (NotBase64, ValueError):
        return None
    return raw if raw and base64url(raw) == encoded else None

"""The bodies of capture sessions, and of what a page sends and gets by one."""

from typing import Annotated, Any, Final

import msgspec

from chalicelib.api.bodies import FailedBody, ItemErrorBody, batch_items, token_body
from chalicelib.api.body_fields import Name, SubjectId, Timestamp, Value
from chalicelib.api.card_body import CardAnswer
from chalicelib.errors import TokenvaultError
from chalicelib.service.capture_sessions import OpenedSession, SessionTerms
from chalicelib.service.capturer import CaptureResult

MAX_TYPES: Final = 16
"""Most types of one session: a session is a header of each request that is made by it."""

MAX_VALUES: Final = 100
MIN_SECONDS: Final = 30
MAX_SECONDS: Final = 3600
"""As long as somebody may fill in a form, and well within the day for which a retry is recognized."""

Types = Annotated[
    list[Name],
    msgspec.Meta(
        min_length=1,
        max_length=MAX_TYPES,
        description="The information types that the page may hand in values of; the client may use each.",
    ),
]
Origin = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=300,
        description="The origin of the page, as browsers write it: `https://shop.example`. One of the "
        "stack's `allowed_origins`, where it has any.",
    ),
]
MaxValues = Annotated[
    int, msgspec.Meta(ge=1, le=MAX_VALUES, description="How many values the session takes in, all together.")
]
Seconds = Annotated[
    int,
    msgspec.Meta(ge=MIN_SECONDS, le=MAX_SECONDS, description="How long the session is taken, in seconds."),
]
SingleUse = Annotated[
    bool,
    msgspec.Meta(
        description="Whether it takes in one request only. The same body sent again gets the same tokens, up "
        "to twenty times; without, each request that is sent again counts again."
    ),
]
SessionText = Annotated[
    str, msgspec.Meta(description="For the page, which sends it as `Authorization: Capture <session>`.")
]
Expires = Annotated[
    int, msgspec.Meta(ge=0, description="Until when the session is taken: a Unix time in seconds.")
]
SessionId = Annotated[
    str,
    msgspec.Meta(
        description="For the back end, no secret: `capture_session` in the metadata of each token that a "
        "page made by this capture session, so that a page cannot hand in another one of a random type."
    ),
]
Masked = Annotated[
    Any,
    msgspec.Meta(description="What a masked reveal of the token shows: for most types a string."),
]


class CaptureSessionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/capture-sessions`."""

    types: Types
    origin: Origin
    max_values: MaxValues = 1
    ttl_seconds: Seconds = 600
    single_use: SingleUse = True
    subject: SubjectId | None = None

    def __repr__(self) -> str:
        return "CaptureSessionBody(***)"

    @property
    def terms(self) -> SessionTerms:
        """What is asked of the session."""
        limits = self.max_values, self.ttl_seconds, self.single_use
        return SessionTerms(tuple(self.types), self.origin, *limits, self.subject)


class OpenedSessionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new capture session."""

    session: SessionText
    expires: Expires
    session_id: SessionId

    def __repr__(self) -> str:
        return "OpenedSessionBody(***)"


class CaptureItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value to take in. Whose it is, the session says."""

    type: Name
    value: Value

    def __repr__(self) -> str:
        return "CaptureItemBody(***)"


CaptureItems = Annotated[list[Any], batch_items(CaptureItemBody)]


class CaptureBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/capture`."""

    items: CaptureItems

    def __repr__(self) -> str:
        return "CaptureBody(***)"


class CapturedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token, its mask and its times: `expires_at` is null if the token does not expire."""

    token: str
    type: str
    masked: Masked
    created: Timestamp
    expires_at: Timestamp | None
    card: CardAnswer = msgspec.UNSET

    def __repr__(self) -> str:
        return "CapturedBody(***)"


def opened_body(opened: OpenedSession) -> OpenedSessionBody:
    """The answer to whoever began a session."""
    return OpenedSessionBody(opened.text, opened.expires, opened.session_id)


def captured_body(result: CaptureResult) -> CapturedBody | FailedBody:
    """One entry of `results`."""
    if isinstance(result, TokenvaultError):
        return FailedBody(ItemErrorBody(result.code, result.detail))
    made = token_body(result.facts)
    times = made.created, made.expires_at
    return CapturedBody(made.token, made.type, result.masked.reveal(), *times, made.card)

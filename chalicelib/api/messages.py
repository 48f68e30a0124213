"""A request and a response as the API sees them, free of Chalice and of API Gateway's event format."""

from collections.abc import Mapping
from dataclasses import dataclass, field

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class ApiRequest:
    """One HTTP request. `route` is the path with its placeholders.

    `claims` are those of the access token that API Gateway verified, None if there was none; `api_key_id`
    names the API key that it checked. The body is kept out of `repr`. `content_type` is what the body is
    declared to be, media type and parameters. `cursor` names where a list is to go on. `capture_session` is
    the text of a capture session that came in place of an access token, `origin` the `Origin` header.
    """

    method: str
    route: str
    path_parameters: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    claims: Mapping[str, str] | None = field(repr=False)
    api_key_id: str | None
    request_id: str
    idempotency_key: str | None = field(default=None, repr=False)
    content_type: str = field(default=JSON_TYPE, repr=False)
    cursor: str | None = field(default=None, repr=False)
    capture_session: str | None = field(default=None, repr=False)
    origin: str | None = field(default=None, repr=False)


def capture_session(authorization: str | None) -> str | None:
    """The capture session of an `Authorization` header; None where it is of another scheme.

    Names of schemes are compared without regard to case (RFC 9110, section 11.1).
    """
    scheme, _, credentials = (authorization or "").partition(" ")
    return credentials.strip() if scheme.lower() == "capture" else None


@dataclass(frozen=True)
class ApiResponse:
    """One HTTP response. The body is kept out of `repr`."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """What goes over the wire. No cache on the way may keep a value."""
        return {"Content-Type": self.content_type, "Cache-Control": "no-store", **self.headers}

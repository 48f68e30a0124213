"""What AWS would answer, in place of the socket."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session


class Raw:
    """A body as urllib3 hands it to botocore: an empty JSON object, or whatever else."""

    def __init__(self, body: bytes = b"{}") -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> AWSResponse:
    """An answer; names of headers with `_` for `-`."""
    return AWSResponse("", status, {k.replace("_", "-"): v for k, v in headers.items()}, Raw(body))


class Sent(list[AWSPreparedRequest]):
    """What was sent, in order; each is answered by the next of `answers`, and plainly when none is left."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[AWSResponse | Exception] = []

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """In place of `URLLib3Session.send`."""
        self.append(request)
        given = self.answers.pop(0) if self.answers else answer()
        if isinstance(given, Exception):
            raise given
        return given


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Everything that any client sends in a test, with somebody's credentials.

    Other threads send as they did: a stack that other tests run in this process goes on asking its tables.
    """
    caught, test, send = Sent(), threading.get_ident(), URLLib3Session.send

    def catch(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        return caught.send(request) if threading.get_ident() == test else send(session, request)

    monkeypatch.setattr(URLLib3Session, "send", catch)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    return caught

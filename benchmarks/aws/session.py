"""The stub at botocore's HTTP session: what a request costs AWS is not counted as ours."""

import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from benchmarks.aws.dynamodb import DynamoDb
from benchmarks.aws.kms import Kms

Wait = Callable[[str], None]
"""Given `service.Operation`: waits as long as AWS would take to answer."""

SERVICES: Final = {"DynamoDB_20120810": "dynamodb", "TrentService": "kms"}


class AwsError(Exception):
    """An error answer of AWS: its code, and further fields of the body."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields


class StubbedAws:
    """Answers in place of AWS, and counts. `cpu_seconds` is the time that answering took, in all threads."""

    def __init__(self, wait: Wait | None = None) -> None:
        self.dynamodb, self.kms = DynamoDb(AwsError), Kms(AwsError)
        self.calls: Counter[str] = Counter()
        self.cpu_seconds = 0.0
        self.recorded: list[tuple[str, str]] | None = None
        """Operations and the bodies of their answers, where somebody wants them."""
        self.wait = wait
        self._lock = threading.Lock()

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """What `URLLib3Session.send` does, without a socket."""
        started = time.thread_time()
        service, operation = _target(request)
        status, body = self._answer(service, operation, json.loads(request.body))
        headers = {"x-amzn-requestid": "0", "content-type": "application/x-amz-json-1.0"}
        if service == "dynamodb":
            headers["x-amz-crc32"] = str(zlib.crc32(body))
        answer = AWSResponse(request.url, status, headers, _Raw(body))
        with self._lock:
            self.calls[f"{service}.{operation}"] += 1
            if self.recorded is not None:
                self.recorded.append((operation, body.decode()))
            self.cpu_seconds += time.thread_time() - started
        if self.wait:
            self.wait(f"{service}.{operation}")
        return answer

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Every client of this process, whoever makes it, is answered here."""
        real = URLLib3Session.send
        URLLib3Session.send = lambda _, request: self.send(request)
        try:
            yield
        finally:
            URLLib3Session.send = real

    def _answer(self, service: str, operation: str, asked: dict[str, Any]) -> tuple[int, bytes]:
        answering = self.dynamodb if service == "dynamodb" else self.kms
        try:
            return 200, json.dumps(answering.answer(operation, asked)).encode()
        except AwsError as error:
            return 400, json.dumps({"__type": error.code, "message": "stubbed", **error.fields}).encode()


class _Raw:
    """The part of urllib3's response that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, amt: int = 0, decode_content: bool = True) -> Iterator[bytes]:
        yield self._body


def _target(request: AWSPreparedRequest) -> tuple[str, str]:
    target = request.headers["X-Amz-Target"]
    service, _, operation = (target.decode() if isinstance(target, bytes) else target).partition(".")
    return SERVICES[service], operation

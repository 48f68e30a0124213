"""Signatures are those that botocore makes."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.signature import Signer, bare_host

NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map("x-{}".format)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
KEYS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ/+abc123", min_size=1, max_size=40)
CREDENTIALS = st.builds(ReadOnlyCredentials, KEYS, KEYS, st.none() | KEYS)
HEADERS = (("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "DynamoDB_20120810.PutItem"))
MOMENTS = st.integers(0, 4_000_000_000)


def botocores(url: str, headers: dict[str, str], body: bytes, by: ReadOnlyCredentials, now: int) -> str:
    """The `Authorization` that botocore's signer gives the same request at the same time."""
    request = AWSRequest("POST", url, headers, body)
    request.context["payload_signing_enabled"] = True
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "get_current_datetime", lambda: moment)
        auth.SigV4Auth(by, "dynamodb", "eu-central-1").add_auth(request)
    return str(request.headers["Authorization"])


@given(st.dictionaries(NAMES, PRINTABLE, max_size=5), st.binary(max_size=200), CREDENTIALS, MOMENTS)
def test_a_signature_is_botocores(
    headers: dict[str, str], body: bytes, by: ReadOnlyCredentials, now: int
) -> None:
    """For any headers, body and credentials at any time, also where a proxy may change a header."""
    headers |= {"X-Amz-Target": "DynamoDB_20120810.PutItem", "User-Agent": "us", "X-Amzn-Trace-Id": "a trace"}
    signer = Signer("eu-central-1", "dynamodb", lambda: now)
    signed = signer.signed("example.org:8000", tuple(headers.items()), body, by)
    expected = botocores("http://example.org:8000/", headers, body, by, now)
    assert signed["Authorization"] == expected
    assert signed.items() >= headers.items()


def test_a_key_is_used_for_its_own_day_and_secret_only() -> None:
    """Credentials are replaced and days end while a container lives, and some come back."""
    now = [0]
    signer = Signer("eu-central-1", "dynamodb", lambda: now[0])
    for day, secret in ((0, "one"), (1, "one"), (1, "two"), (0, "two"), (0, "one")):
        now[0] = day * 86400 + 3
        by = ReadOnlyCredentials("id", secret, None)
        given_ = signer.signed("example.org", (), b"", by)["Authorization"]
        assert given_ == botocores("https://example.org/", {}, b"", by, now[0])


def test_a_token_is_used_for_its_own_credentials_only() -> None:
    """Of the same headers, signed with one role's security token and then with another's or with none."""
    for token in ("one", "two", None, "one"):
        by = ReadOnlyCredentials("id", "secret", token)
        signed = Signer("eu-central-1", "dynamodb", lambda: 3).signed("example.org", HEADERS, b"", by)
        assert signed["Authorization"] == botocores("https://example.org/", dict(HEADERS), b"", by, 3)
        assert signed.get("X-Amz-Security-Token") == token


def test_the_time_is_that_of_the_signature() -> None:
    """`X-Amz-Date` says now, in UTC, wherever the clock stands."""
    by: Any = SimpleNamespace(access_key="id", secret_key="secret", token=None)
    dated = Signer("eu-central-1", "kms").signed("example.org", (), b"", by)["X-Amz-Date"]
    moment = datetime.strptime(dated, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(moment.timestamp() - time.time()) < 60


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("port", ["", ":80", ":443", ":8000"])
@pytest.mark.parametrize("name", ["example.org", "Example.ORG", "127.0.0.1", "[::1]"])
def test_a_host_is_signed_as_botocore_signs_it(scheme: str, name: str, port: str) -> None:
    """Without the port that the scheme has anyway."""
    url = f"{scheme}://{name}{port}/"
    assert bare_host(url) == auth._host_from_url(url)

"""A capture session as text: what was signed comes back, and nothing else is a session. Who may begin one."""

from base64 import urlsafe_b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.messages import capture_session
from chalicelib.auth.capture_sessions import MAX_TEXT, parts, payload, session, text
from chalicelib.caller import CaptureSession
from tests.support.policy_rules import CLIENT, loaded, problems, written

SESSIONS = st.builds(
    CaptureSession,
    session_id=st.text(max_size=22),
    tenant=st.text(max_size=32),
    client=st.text(max_size=32),
    types=st.lists(st.text(max_size=32), max_size=4).map(tuple),
    origin=st.text(max_size=40),
    max_values=st.integers(1, 100),
    single_use=st.booleans(),
    subject=st.none() | st.text(max_size=64),
    expires=st.integers(0, 2**40),
)


@given(given_session=SESSIONS, mac=st.binary(min_size=32, max_size=32))
def test_what_was_signed_comes_back(given_session: CaptureSession, mac: bytes) -> None:
    """To the last character, whatever the policy's names are."""
    signed = payload(given_session)
    assert parts(text(signed, mac)) == (signed, mac)
    assert session(signed) == given_session


@given(changed=st.text(max_size=60) | st.from_regex(r"[\w=+/ -]{0,40}\.[\w=+/ -]{0,44}", fullmatch=True))
def test_each_session_has_one_spelling(changed: str) -> None:
    """What comes apart is put together again as it was: no other text has the same parts."""
    found = parts(changed)
    assert found is None or text(*found) == changed


@pytest.mark.parametrize("wrong", ["", ".", "QQ.", ".QQ", "QQ", "QQ.QQ.QQ", "QR.QQ", f"QQ.{'A' * MAX_TEXT}"])
def test_what_is_no_session_has_no_parts(wrong: str) -> None:
    """A part that is missing, one too many, stray bits at the end, and more than any session has."""
    assert parts(wrong) is None


@pytest.mark.parametrize("signed", [b"", b"{}", b"[]", b"[2]", b'[1,"id"]', b"\xff"])
def test_another_version_is_no_session(signed: bytes) -> None:
    """Also one that this vault has signed: a later release's, after a step back to this one."""
    assert session(signed) is None


def test_a_session_of_more_fields_is_none() -> None:
    """What is not understood may be a limit."""
    known = CaptureSession("i", "t", "c", ("x",), "o", 1, True, None, 1)  # as it is signed
    longer = msgspec.json.encode([*msgspec.json.decode(payload(known)), "more"])
    assert session(longer) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, None),
        ("", None),
        ("Bearer a.b", None),
        ("Capture", ""),
        ("Capture a.b", "a.b"),
        ("capture  a.b ", "a.b"),
        ("Captured a.b", None),
    ],
)
def test_the_header_names_its_scheme(header: str | None, found: str | None) -> None:
    """In letters of either case (RFC 9110, section 11.1); of another scheme it is no session."""
    assert capture_session(header) == found


def test_only_services_begin_sessions() -> None:
    """Who signs in has groups, which a session does not know."""
    persons = {"issuer": "https://pool", "client_id": "id"}
    browser = {"kind": "browser", "identities": [persons], "actions": ["capture"]}
    assert problems(written(client={"actions": ["capture"]})) == ()
    assert problems(written(client=browser)) == (
        "client checkout of tenant shop is for people, and only a service begins capture sessions (capture)",
    )
    group = {"actions": ["capture"], "types": []}
    assert problems(
        written(tenants={"shop": {"clients": {"checkout": CLIENT}, "groups": {"desk": group}}})
    ) == ("group desk of tenant shop may begin capture sessions (capture), and only a service does",)


def test_a_client_is_found_by_its_name() -> None:
    """In its own tenant alone."""
    policy = loaded(written())
    found = policy.client("shop", "checkout")
    assert found is not None
    assert (found.tenant, found.name) == ("shop", "checkout")
    assert policy.client("shop", "other") is None
    assert policy.client("other", "checkout") is None


def test_stray_bits_are_seen() -> None:
    """The last character of base64 has bits that no byte needs: set, they would be another spelling."""
    encoded = urlsafe_b64encode(b"A").decode().rstrip("=")
    assert parts(f"{encoded}.{encoded}") == (b"A", b"A")
    assert parts(f"{encoded}.QR") is None

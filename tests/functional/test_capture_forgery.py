"""Capture sessions that the vault did not make, or not as they come: none of what they say counts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

import pytest

from chalicelib.crypto.kms import MacKey
from chalicelib.crypto.prf import session_mac_message
from tests.support import policies
from tests.support.answers import problem
from tests.support.capturing import CARD, SHOP, capture, session, with_capture
from tests.support.world import World, world


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    with world(with_capture()) as made:
        yield made


def stored_values(account: World) -> int:
    return sum(item["sk"]["S"] == "record" for item in account.items("vault"))


def changed(by: str, old: bytes, new: bytes) -> str:
    """The session with something else in its payload."""
    payload, _, mac = by.partition(".")
    raw = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert old in raw
    return urlsafe_b64encode(raw.replace(old, new)).decode().rstrip("=") + f".{mac}"


def with_mac(by: str, mac: bytes) -> str:
    """The session with another MAC."""
    return f"{by.partition('.')[0]}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


CHANGES = {
    "another tenant": lambda by: changed(by, b'"shop"', b'"clinic"'),
    "another client": lambda by: changed(by, b'"checkout"', b'"support"'),
    "another type": lambda by: changed(by, b'"card_number"', b'"text"'),
    "another origin": lambda by: changed(by, b"shop.example", b"evil.example"),
    "more values": lambda by: changed(by, b",1,true", b",9,true"),
    "several uses": lambda by: changed(by, b",1,true", b",1,false"),
    "more time": lambda by: changed(by, b"null,1", b"null,2"),
    "cut short": lambda by: by[:-1],
    "no MAC": lambda by: by.partition(".")[0],
    "an empty MAC": lambda by: by.partition(".")[0] + ".",
    "another spelling": lambda by: f"{by}=",
    "a space within": lambda by: by.replace(".", " ."),
    "too long": lambda by: "A" * 5000 + by,
    "nothing": lambda by: "",
    "no ASCII": lambda by: f"\u00e9{by}",
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_forged_session_is_refused(account: World, change: str) -> None:
    """Whatever of it was changed, none of it counts, and the answer does not say what was wrong."""
    by, before = session(account), stored_values(account)
    answer = capture(account, CHANGES[change](by), CARD)
    problem(answer, 401, "capture_session_invalid")
    assert answer.body["detail"] == capture(account, None, CARD).body["detail"]
    assert stored_values(account) == before


def test_the_mac_of_another_session_does_not_fit(account: World) -> None:
    """Nor does what KMS makes of the same bytes under another label, of another vault, or without one."""
    mine, theirs = session(account), session(account, client="intake", origin=SHOP)
    problem(
        capture(account, f"{mine.partition('.')[0]}.{theirs.partition('.')[2]}", CARD),
        401,
        "capture_session_invalid",
    )
    payload = urlsafe_b64decode(mine.partition(".")[0] + "==")
    mac = account.kms.generate_mac(KeyId=account.hmac_key, Message=payload, MacAlgorithm="HMAC_SHA_256")[
        "Mac"
    ]
    problem(capture(account, with_mac(mine, mac), CARD), 401, "capture_session_invalid")


def test_a_session_of_another_key_does_not_fit(account: World) -> None:
    """As of the vault that was here before, or of one that keeps its name: all is right but for the key."""
    mine = session(account)
    payload = urlsafe_b64decode(mine.partition(".")[0] + "==")
    message = session_mac_message(policies.VAULT_ID, payload)
    made = account.kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    macs = [MacKey(account.kms, key).generate(message) for key in (made, account.hmac_key)]
    other, ours = (with_mac(mine, mac) for mac in macs)
    problem(capture(account, other, CARD), 401, "capture_session_invalid")
    assert ours == mine

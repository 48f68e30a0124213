"""The secret of a request lives as long as its request, serves its records only, and is drawn once."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib import kernel_random
from chalicelib.crypto import request_secret
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.keys import derive
from chalicelib.crypto.record_cipher import open_item, parse_sealed, seal_item_of_request
from chalicelib.crypto.request_secret import MAX_RECORDS, SEALED_BYTES, RequestSecret
from chalicelib.errors import KeyUnavailable
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.model import TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.records import RecordSealer
from tests.support.keys import branch_key

ROOT = Path(__file__).resolve().parents[3]
KEY = branch_key()
CONTEXT = RecordContext(KEY.tokenizing.context, "text", "token")
EMPTY = bytes(32)


class Kernel:
    """Fills buffers as the kernel does, and keeps them to look at later."""

    def __init__(self) -> None:
        self.buffers: list[bytearray] = []
        self.secrets: list[bytes] = []

    def fill(self, buffer: bytearray) -> None:
        fill_from_kernel(buffer)
        self.buffers.append(buffer)
        self.secrets.append(bytes(buffer))


def record(token: str) -> TokenRecord:
    """A record to seal."""
    return TokenRecord("shop", token, "text", Sensitive("value"), 1)


def test_a_closed_secret_is_overwritten_and_seals_no_more() -> None:
    """After the request nothing of the secret is left in its buffer, and no record can be sealed under it."""
    kernel = Kernel()
    secret = RequestSecret(KEY.tokenizing, kernel.fill, os.urandom)
    secret.seal(CONTEXT, b"")
    assert kernel.buffers[0] == kernel.secrets[0] != EMPTY
    secret.close()
    assert kernel.buffers[0] == EMPTY
    with pytest.raises(AssertionError, match="overwritten"):
        secret.seal(CONTEXT, b"")


def test_what_a_record_key_is_made_of_is_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The joined input of a record's key, which begins with the secret, does not outlive the derivation."""
    seen: list[bytes | bytearray] = []

    def noted(secret: bytes | bytearray, info: bytes, length: int = 32) -> bytes:
        seen.append(secret)
        return derive(secret, info, length)

    monkeypatch.setattr(request_secret, "derive", noted)
    RequestSecret(KEY.tokenizing, fill_from_kernel, os.urandom).seal(CONTEXT, b"")
    _, joined = seen
    assert joined == bytearray(64)


def failing_after(calls: int) -> Callable[[int], bytes]:
    """A source of randomness that gives out."""
    left = [None] * calls

    def draw(count: int) -> bytes:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return os.urandom(count)

    return draw


def seal_two(sealer: RecordSealer) -> None:
    """A request of two records."""
    with sealer:
        for token in ("a", "b"):
            sealer.seal(record(token))


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_the_secret_is_overwritten_wherever_sealing_ends(calls: int) -> None:
    """Whether `n`, the first `r` or the second cannot be drawn: the secret does not survive the request."""
    kernel = Kernel()
    with pytest.raises(KeyboardInterrupt):
        seal_two(RecordSealer(KEY.tokenizing, kernel.fill, failing_after(calls), per_request=True))
    assert kernel.secrets != [EMPTY]
    assert kernel.buffers == [EMPTY]


def test_a_secret_that_the_kernel_gave_in_part_is_overwritten() -> None:
    """A failure of the source itself leaves nothing behind either."""
    buffers = []

    def fill(buffer: bytearray) -> None:
        buffer[:8] = b"half-way"
        buffers.append(buffer)
        raise KeyUnavailable("no random bytes")

    with pytest.raises(KeyUnavailable):
        RequestSecret(KEY.tokenizing, fill, os.urandom)
    assert buffers == [EMPTY]


def test_a_kernel_that_gives_no_bytes_is_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Too few random bytes, or no device, is `key_unavailable`: no record is sealed under a known secret."""
    (tmp_path / "short").write_bytes(b"x" * 31)
    for device in ("short", "missing"):
        monkeypatch.setattr(kernel_random, "DEVICE", str(tmp_path / device))
        with pytest.raises(KeyUnavailable):
            fill_from_kernel(bytearray(32))


def test_after_very_many_records_there_is_a_new_secret() -> None:
    """A secret seals 1,000 records, is overwritten, and the next record gets another."""
    kernel = Kernel()
    with RecordSealer(KEY.tokenizing, kernel.fill, os.urandom, per_request=True) as sealer:
        for _ in range(MAX_RECORDS):
            sealer.seal(record("t"))
        assert len(kernel.secrets) == 1
        sealer.seal(record("t"))
        assert kernel.buffers[0] == EMPTY
        assert kernel.buffers[1] == kernel.secrets[1]
    assert len(set(kernel.secrets)) == 2
    assert kernel.buffers[1] == EMPTY


def test_another_thread_gets_no_record() -> None:
    """A request seals in its own thread; any other, or a forked process, is refused."""
    secret, refused = RequestSecret(KEY.tokenizing, fill_from_kernel, os.urandom), []

    def seal() -> None:
        try:
            secret.seal(CONTEXT, b"")
        except AssertionError as error:
            refused.append(error)

    thread = threading.Thread(target=seal)
    thread.start()
    thread.join()
    assert len(refused) == 1


def test_forked_processes_have_no_randomness_in_common() -> None:
    """Whether a process forks before, between or inside requests: no secret, `n` or `r` comes twice, and the
    child of a fork in mid-request seals nothing under its parent's secret."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.forking"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said = [line.split() for line in ran.stdout.splitlines()]
    secrets = [drawn for what, drawn in said if what == "S"]
    salts = [drawn for what, drawn in said if what == "salt"]
    # Six requests with two salts each, and the parent's second record of the last.
    assert len(secrets) == len(set(secrets)) == 6
    assert len(salts) == len(set(salts)) == 13
    assert [what for what, _ in said].count("refused") == 1


def test_no_representation_shows_a_secret() -> None:
    """What is printed by accident says nothing of the secret, of a record's keys, or of its seal."""
    kernel = Kernel()
    with RecordSealer(KEY.tokenizing, kernel.fill, os.urandom, per_request=True) as sealer:
        item = sealer.seal(record("token"))
        secret = RequestSecret(KEY.tokenizing, kernel.fill, os.urandom)
        seal, record_key, signing_key = secret.seal(CONTEXT, b"")
        shown = repr([sealer, secret, seal, parse_sealed(item)]) + str(vars(sealer).get("_secret"))
    for hidden in (*kernel.secrets, record_key, signing_key, seal.salt, seal.veiled):
        assert hidden.hex() not in shown
        assert repr(hidden)[2:-1] not in shown
    assert len(seal.encode()) == SEALED_BYTES == 146


def runs(raw: bytes) -> set[bytes]:
    return {raw[start : start + 8] for start in range(len(raw) - 7)}


def test_two_records_of_a_request_have_nothing_in_common() -> None:
    """No run of eight bytes of what is sealed, encrypted or signed stands in two records of one request, nor
    twice for one token: a thief of all tables does not learn which tokens came together."""
    secret = RequestSecret(KEY.tokenizing, fill_from_kernel, os.urandom)
    plain = {
        "pk": {"S": "shop#token"},
        "sk": {"S": "record"},
        "type": {"S": "text"},
        "value": {"S": "v" * 99},
    }
    sealed = [seal_item_of_request(plain, secret, CONTEXT, os.urandom) for _ in range(20)]
    seen: set[bytes] = set()
    for item in sealed:
        assert open_item(parse_sealed(item), KEY, CONTEXT) == plain
        here = runs(bytes(item["sealed"]["B"])) | runs(bytes(item["value"]["B"]))
        here |= runs(bytes(item["*amzn-ddb-map-sig*"]["B"]))
        assert not here & seen
        seen |= here
    # What is alike is what anybody may read: the item's own attributes, and the constant description.
    alike = {name for name in sealed[0] if sealed[0][name] == sealed[1][name]}
    assert alike == {"pk", "sk", "type", "*amzn-ddb-map-desc*"}

"""Between requests the tokenizing function's memory holds no key that opens a record, earlier or later.

What it holds is searched twice: every object that the interpreter can reach, and every byte of the process,
read by a child from outside. The controls look in mid-request, and find the one secret of that request.
"""

import gc
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key

from chalicelib.crypto.context import BRANCH_KEY_PURPOSE, KeyContext, RecordContext, frame
from chalicelib.crypto.keys import KEY_BYTES, TokenizingKey, derive
from chalicelib.crypto.kms import Kek
from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.crypto.request_secret import RecordSeal, RequestSecret, signing_key_and_veil
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.model import TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.key_items import parse_tenant_keys
from chalicelib.vault.records import RecordSealer
from tests.support import policies, sealing_page
from tests.support.answers import tokens
from tests.support.held_keys import held
from tests.support.memory_graph import reachable
from tests.support.memory_reader import Reader, reader
from tests.support.values import formatted, kms, opaque
from tests.support.world import World

REQUESTS = 4
DROPPED, FREED_LATER = 20, 5_000


def send(account: World, n: int) -> list[str]:
    """A request of three records, of no subject."""
    return tokens(account.tokenize(*opaque(n), *formatted(n), *kms(n)))


# --- every object ---


@dataclass(frozen=True)
class Closed:
    """A stored record, with all that its writer knew except the request's secret."""

    key: TokenizingKey
    context: bytes
    value: bytes
    salt: bytes
    encapsulation: bytes

    @classmethod
    def of(cls, account: World, token: str) -> "Closed":
        item = account.stored(token)
        sealed = parse_sealed(item)
        assert isinstance(sealed.seal, RecordSeal)
        key = held(account, sealed.key_id)
        context = RecordContext(key.context, item["type"]["S"], token)
        veil = signing_key_and_veil(key, context, sealed.seal.salt)[1]
        inside = sealing_page.xor(sealed.seal.veiled, veil)
        return cls(key, context.encode(), bytes(item["value"]["B"]), sealed.seal.salt, inside)

    def opens_with(self, candidate: bytes) -> bool:
        """Whether 32 bytes are the record's key, or the secret of its request."""
        info = frame("request-record-key", self.context, self.encapsulation, self.salt)
        derived = derive(candidate + self.key.mix_subkey, info)
        return any(self._decrypts(key) for key in (candidate, derived))

    def _decrypts(self, key: bytes) -> bool:
        bound = frame("attribute", self.context, "value")
        try:
            AESGCM(key).decrypt(self.value[:12], self.value[12:], bound)
        except InvalidTag:
            return False
        return True


def buffers(objects: Iterable[object]) -> set[bytes]:
    """The contents of all buffers among objects and what they refer to."""
    found = set()
    for each in objects:
        for held_by in (each, *gc.get_referents(each)):
            if isinstance(held_by, bytes | bytearray):
                found.add(bytes(held_by))
    return found


def candidates(account: World) -> set[bytes]:
    """Every run of 32 bytes in a short buffer that the service reaches, or a living secret of a request."""
    gc.collect()
    alive = [each for each in gc.get_objects() if isinstance(each, RequestSecret)]
    reached = [
        each for each in reachable(account.services["tokenize"]) if isinstance(each, bytes | bytearray)
    ]
    raw = {bytes(each) for each in reached} | buffers([vars(each) for each in alive])
    return {each[at : at + 32] for each in raw if len(each) <= 256 for at in range(len(each) - 31)}


def test_no_object_between_requests_opens_a_record(account: World) -> None:
    """Each run of 32 bytes that can be reached is tried as secret and as record key on each record: nothing
    taken between two requests opens one of an earlier or of a later request."""
    made = [token for n in range(REQUESTS) for token in send(account, n)]
    taken = candidates(account)
    made += [token for n in range(REQUESTS) for token in send(account, REQUESTS + n)]
    closed = [Closed.of(account, token) for token in made]
    assert closed[0].key.mix_subkey in taken, "the search did not reach the keys"
    assert not [
        token for token, record in zip(made, closed, strict=True) if any(map(record.opens_with, taken))
    ]


def test_the_secret_of_a_running_request_opens_that_request_only(account: World) -> None:
    """The control: taken while the request writes, the same search finds its secret, which opens the records
    of that request and no other."""
    taken: set[bytes] = set()
    before = send(account, 1)

    def look(name: str, _: Any) -> None:
        if name == "dynamodb.BatchWriteItem" or (name == "dynamodb.PutItem" and not taken):
            taken.update(candidates(account))

    account.fault = look  # type: ignore[assignment]  # it returns None, which lets each call through
    during = send(account, 2)
    account.fault = None
    after = send(account, 3)
    opened = [
        token for token in before + during + after if any(map(Closed.of(account, token).opens_with, taken))
    ]
    assert opened == during


def test_no_object_of_the_process_holds_a_secret_that_was_used(account: World) -> None:
    """Found out afterwards with the private half, the secrets of the requests stand in no object at all."""
    made = [token for n in range(REQUESTS) for token in send(account, n)]
    gc.collect()
    everything = b"|".join(buffers(gc.get_objects()))
    key = private(account)
    for token in made:
        record = Closed.of(account, token)
        info = frame(
            "request-secret", "test-vault", "shop", record.key.context.key_id, record.encapsulation[:16]
        )
        secret = sealing_page.hpke_open(key, info, record.encapsulation[16:])
        assert record.opens_with(secret)
        assert secret not in everything


def private(account: World) -> ec.EllipticCurvePrivateKey:
    """The private half of the shop's key, which the revealing function may unwrap."""
    [version] = parse_tenant_keys(i for i in account.items("keys") if i["pk"]["S"] == "shop").versions
    context = KeyContext(policies.VAULT_ID, "shop", version.key_id).for_kms(BRANCH_KEY_PURPOSE)
    key = load_der_private_key(
        Kek(account.kms, account.vault_kek).unwrap(version.wrapped_private, context), None
    )
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


# --- every byte ---


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Another process that is told each secret as the kernel gives it."""
    with reader() as made:

        def fill(buffer: bytearray) -> None:
            fill_from_kernel(buffer)
            made.look_for(buffer)

        monkeypatch.setattr("chalicelib.account.fill_from_kernel", fill)
        yield made


def test_no_byte_of_the_process_holds_a_secret_that_was_used(searching: Reader, account: World) -> None:
    """Read from outside, freed memory included: in mid-request its secret is there once, and no earlier one;
    after the requests none is."""
    during: list[list[int]] = []

    def look(name: str, _: Any) -> None:
        if name in ("dynamodb.PutItem", "dynamodb.BatchWriteItem") and len(during) < 2:
            during.append(searching.found())

    send(account, 1)
    account.fault = look  # type: ignore[assignment]  # it returns None, which lets each call through
    send(account, 2)
    account.fault = None
    send(account, 3)
    assert during == [[0, 1]] * 2
    assert searching.found() == [0, 0, 0]


def test_freed_memory_holds_a_secret_only_if_it_was_not_overwritten(account: World) -> None:
    """Straight after its request, before anything can take the memory that was freed, a secret is gone. The
    control: of many that are only dropped some are found, so the search sees freed memory. Not each of them:
    what is freed last is taken first by whatever threads make next, so much else is freed after them."""
    [token] = tokens(account.tokenize(*opaque(1)))
    key = held(account, parse_sealed(account.stored(token)).key_id)
    record = TokenRecord("shop", token, "text", Sensitive("value"), 1)
    with reader() as made:

        def fill(buffer: bytearray) -> None:
            fill_from_kernel(buffer)
            made.look_for(buffer)

        for requests in range(1, 4):
            with RecordSealer(key, fill, os.urandom, per_request=True) as sealer:
                sealer.seal(record)
            assert made.found() == [0] * requests
        dropped = [RequestSecret(key, fill, os.urandom) for _ in range(DROPPED)]
        others = [bytearray(KEY_BYTES) for _ in range(FREED_LATER)]
        dropped.clear()
        # Some stay: pools that went back whole would leave the dropped ones' places to what is made next.
        others = others[::50]
        found = made.found()
        assert found[:3] == [0, 0, 0]
        assert any(found[3:])
        assert others

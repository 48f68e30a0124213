"""One secret a request, drawn once, overwritten however the request ends, and told to nobody."""

import base64
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.config import Settings
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.crypto.request_secret import RecordSeal, signing_key_and_veil
from chalicelib.errors import ConfigurationError
from chalicelib.kernel_random import fill_from_kernel
from tests.support.answers import tokens
from tests.support.deaths import every_death, revealed
from tests.support.faults import DYNAMODB_FAULTS, client_error
from tests.support.held_keys import held
from tests.support.logs import captured_logs
from tests.support.mortal import Mortal, mortal
from tests.support.sealing_page import xor
from tests.support.values import Item, batch, cached, formatted, kms, of_a_subject, opaque
from tests.support.world import World

KEYED = "k" * 22
EMPTY = bytes(32)


class Watch:
    """Sees every secret that the kernel gives, and every `r` that is sent to the table."""

    def __init__(self) -> None:
        self.buffers: list[bytearray] = []
        self.secrets: list[bytes] = []
        self.salts: list[bytes] = []

    def fill(self, buffer: bytearray) -> None:
        fill_from_kernel(buffer)
        self.buffers.append(buffer)
        self.secrets.append(bytes(buffer))

    def sent(self, name: str, parameters: Any) -> None:
        """To be called with each request to AWS."""
        if name in ("dynamodb.PutItem", "dynamodb.BatchWriteItem"):
            self.salts += [RecordSeal.parse(raw).salt for raw in _sealed_attributes(parameters)]

    def nothing_remains(self) -> None:
        """Every secret so far was overwritten and none came twice, nor an `r`."""
        assert len(set(self.secrets)) == len(self.secrets)
        assert len(set(self.salts)) == len(self.salts)
        assert all(buffer == EMPTY for buffer in self.buffers)

    def stand_not_in(self, text: str) -> None:
        """No secret stands in a text, as it is or in a usual encoding."""
        for secret in self.secrets:
            for encoded in (secret.hex(), repr(secret)[2:-1], base64.b64encode(secret).decode()):
                assert encoded not in text


def _sealed_attributes(parameters: Any) -> Iterator[bytes]:
    if isinstance(parameters, list):
        for each in parameters:
            yield from _sealed_attributes(each)
    elif isinstance(parameters, dict):
        if "B" in parameters.get("sealed", {}):
            yield bytes(parameters["sealed"]["B"])
        for each in parameters.values():
            yield from _sealed_attributes(each)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Set up before the account, so that its functions draw from what is watched."""
    watching = Watch()
    monkeypatch.setattr("chalicelib.account.fill_from_kernel", watching.fill)
    return watching


@pytest.fixture
def watched(watch: Watch, account: World) -> World:
    """An account whose requests to AWS are watched."""
    account.fault = watch.sent  # type: ignore[assignment]  # it returns None, which lets each call through
    return account


def encapsulations(account: World, made: list[str]) -> set[bytes]:
    """What stands under the veils of these records."""
    found = set()
    for token in made:
        item = account.stored(token)
        sealed = parse_sealed(item)
        assert isinstance(sealed.seal, RecordSeal)
        key = held(account, sealed.key_id)
        secret_id = item.get("subject_secret", {"S": ""})["S"]
        context = RecordContext(key.context, item["type"]["S"], token, secret_id)
        found.add(xor(sealed.seal.veiled, signing_key_and_veil(key, context, sealed.seal.salt)[1]))
    return found


def test_a_request_has_one_encapsulation(watched: World, watch: Watch) -> None:
    """Whatever kinds of values it has; the next request has another."""
    made = tokens(watched.tokenize(*batch(1), *cached(2)))
    assert len(made) == len(set(made)) == len(watch.salts) == 7
    assert len(encapsulations(watched, made)) == len(watch.secrets) == 1
    more = tokens(watched.tokenize(*batch(3)))
    assert len(encapsulations(watched, made + more)) == len(watch.secrets) == 2
    watch.nothing_remains()


def test_a_known_value_makes_no_secret(watched: World, watch: Watch) -> None:
    """Nor does a search, a look at facts or a reveal: nothing is sealed there."""
    made = tokens(watched.tokenize(*kms(1), *cached(1)))
    assert tokens(watched.tokenize(*kms(1), *cached(1))) == made
    watched.search(*kms(1))
    watched.facts(made[0])
    assert revealed(watched, made) == [item["value"] for item in kms(1) + cached(1)]  # type: ignore[arg-type]
    assert len(watch.secrets) == 1


def test_each_version_of_a_key_has_its_own(watched: World, watch: Watch) -> None:
    """After a rotation an encapsulation is to the new version, and both open in one call."""
    before = tokens(watched.tokenize(*opaque(1), *opaque(2)))
    wiring.maintain(watched.env("maintain"), watched.client, watched.telemetry, "shop")
    watched.restart()
    after = tokens(watched.tokenize(*opaque(3), *opaque(4)))
    key_ids = [parse_sealed(watched.stored(token)).key_id for token in before + after]
    assert key_ids[0] == key_ids[1] != key_ids[2] == key_ids[3]
    assert len(encapsulations(watched, before + after)) == len(watch.secrets) == 2
    assert [entry["value"] for entry in watched.detokenize(*before, *after).body["results"]] == [
        f"text {n}" for n in (1, 2, 3, 4)
    ]


def test_a_replay_draws_the_same_tokens_under_another_secret(watched: World, watch: Watch) -> None:
    """A retry of a request whose writes were lost seals anew; if they stand, nothing stored changes."""
    account, first = watched, tokens(watched.tokenize(*batch(1), idempotency_key=KEYED))
    for item in account.items("vault"):
        account.dynamodb.delete_item(TableName="vault", Key={"pk": item["pk"], "sk": item["sk"]})
    assert tokens(account.tokenize(*batch(1), idempotency_key=KEYED)) == first
    stored = account.items("vault")
    assert tokens(account.tokenize(*batch(1), idempotency_key=KEYED)) == first
    assert account.items("vault") == stored
    watch.nothing_remains()
    assert len(watch.secrets) >= 2


def once(watch: Watch, work: Callable[[Item], None]) -> Any:
    """A fault that does something with the first record on its way into the vault, and lets it through."""
    left = [work]

    def fault(name: str, parameters: Any) -> None:
        watch.sent(name, parameters)
        if name == "dynamodb.PutItem" and parameters["TableName"] == "vault" and left:
            left.pop()(parameters["Item"])

    return fault


def test_an_own_write_is_recognized(watched: World, watch: Watch) -> None:
    """A conditional write that arrives twice, since its answer was lost, is no draw that was taken."""
    watched.fault = once(watch, watched.store)
    [token] = tokens(watched.tokenize(*formatted(1)))
    assert len(watch.salts) == 1, "no second draw"
    assert watched.detokenize(token).only["value"] == formatted(1)[0]["value"]
    watch.nothing_remains()


def test_a_taken_draw_is_sealed_anew(watched: World, watch: Watch) -> None:
    """The next draw of the same value has an `r` of its own under the request's one secret."""
    other = watched.stored(tokens(watched.tokenize(*formatted(2)))[0])
    watched.fault = once(watch, lambda item: watched.store({**other, "pk": item["pk"]}))
    [token] = tokens(watched.tokenize(*formatted(1)))
    assert len(watch.salts) == 3
    assert len(watch.secrets) == 2
    assert watched.detokenize(token).only["value"] == formatted(1)[0]["value"]
    watch.nothing_remains()


FAULTS: dict[str, BaseException] = {
    **DYNAMODB_FAULTS,
    "conflict": client_error("TransactionConflictException", 400),
    "a bug": RuntimeError("unforeseen"),
    "the end": KeyboardInterrupt(),
}


@pytest.mark.parametrize("error", FAULTS.values(), ids=FAULTS.keys())
def test_a_failing_write_leaves_and_tells_nothing(watched: World, watch: Watch, error: BaseException) -> None:
    """With each error that a write can end in the secret is overwritten, and stands in no log, answer or
    traceback, even one that shows the variables of its frames."""
    account = watched

    def fault(name: str, parameters: Any) -> None:
        watch.sent(name, parameters)
        if name.startswith("dynamodb.") and name.endswith(("PutItem", "WriteItem")) and watch.secrets:
            raise error

    account.fault = fault
    with captured_logs() as logs:
        for items in (opaque(1), formatted(1), opaque(1) + opaque(2), kms(1)):
            shown = ""
            try:
                shown = str(account.tokenize(*items).body)
            except BaseException as raised:  # noqa: BLE001  # the end of the process is among them
                shown = "".join(
                    traceback.TracebackException.from_exception(raised, capture_locals=True).format()
                )
            watch.stand_not_in(shown)
        watch.stand_not_in(logs.getvalue())
    assert watch.secrets
    watch.nothing_remains()


@pytest.fixture
def mortal_account(watch: Watch) -> Iterator[Mortal]:
    """An account whose functions can die."""
    with mortal() as made:
        made.fault = watch.sent  # type: ignore[assignment]  # it returns None, which lets each call through
        yield made


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
def test_a_death_at_any_call_leaves_no_secret(mortal_account: Mortal, watch: Watch, keyed: bool) -> None:
    """Before and after each call to AWS: the secret is overwritten, and a retry draws everything anew."""
    account = mortal_account

    def send(n: int) -> Any:
        key = f"{n:022}" if keyed else None
        return lambda: account.tokenize(*of_a_subject(n), idempotency_key=key)

    for n in every_death(account, send):
        watch.nothing_remains()
        made = tokens(send(n)())
        watch.nothing_remains()
        assert revealed(account, made) == [item["value"] for item in of_a_subject(n)]


def test_records_of_the_old_form_open_beside_new_ones(watched: World, watch: Watch) -> None:
    """Written with the setting off, they open, verify and are found, by functions that write the new form."""
    account = watched
    environment = account.env("tokenize") | {"TOKENVAULT_SEAL_PER_REQUEST": "off"}
    account.services["tokenize"] = wiring.build(environment, account.client, account.telemetry)
    items = of_a_subject(1)
    old = tokens(account.tokenize(*items))
    assert not watch.secrets
    assert all("sealed" not in account.stored(token) for token in old)
    account.restart()
    new = tokens(account.tokenize(*items))
    assert new[2:] == old[2:], "deterministic values keep their tokens"
    assert all("sealed" in account.stored(token) for token in new[:2])
    values = [item["value"] for item in items]
    assert [entry["value"] for entry in account.detokenize(*old, *new).body["results"]] == values * 2
    assert all(account.facts(token).status == 200 for token in old + new)
    account.erase(subject="person-1")
    assert revealed(account, old + new) == [None] * 8  # type: ignore[arg-type]


def test_the_setting_is_on_or_off(account: World) -> None:
    """Another word is a mistake in the configuration, which names the variable and not what stands there."""
    assert Settings.from_env(account.env("tokenize")).seals_per_request
    for word, means in (("on", True), ("off", False)):
        environment = account.env("tokenize") | {"TOKENVAULT_SEAL_PER_REQUEST": word}
        assert Settings.from_env(environment).seals_per_request is means
    for word in ("", "ON", "1", "true", "sentinel"):
        with pytest.raises(ConfigurationError, match="TOKENVAULT_SEAL_PER_REQUEST") as caught:
            Settings.from_env(account.env("tokenize") | {"TOKENVAULT_SEAL_PER_REQUEST": word})
        assert "sentinel" not in str(caught.value)

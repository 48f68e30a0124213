"""A function that dies at any of its calls to AWS, before it or after it, leaves nothing wrong behind.

The calls of each use case are counted first, in new containers; then it dies at each of them in turn, and
is tried again in other containers. What the first try left is looked at before and after the retry, and
after the clean-up.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.vault.token_items import SUBJECT
from tests.support.answers import codes, tokens
from tests.support.deaths import every_death, revealed
from tests.support.mortal import Mortal, mortal
from tests.support.values import Item, batch, cached, formatted, kms, limited, of_a_subject, opaque
from tests.support.world import Answer


@pytest.fixture
def account() -> Iterator[Mortal]:
    with mortal() as made:
        yield made


UNKEYED = (opaque, formatted, kms, cached, of_a_subject)
KEYED = (opaque, formatted, limited, batch)
SENT = [(kind, False) for kind in UNKEYED] + [(kind, True) for kind in KEYED]
"""What is tokenized, and whether under an idempotency key."""

RANDOM = ("text", "card_number", "short_lived")


def with_record(account: Mortal) -> set[str]:
    """The tokens that have a record."""
    records = [item for item in account.items("vault") if item["sk"]["S"] == "record" and "value" in item]
    return {item["pk"]["S"].removeprefix("shop#") for item in records}


def clean(account: Mortal) -> None:
    """Two runs: the first may find an erasing that nobody finished, whose time begins then."""
    for _ in range(2):
        account.settle()
        account.maintain()


def nothing_is_left_of_subjects(account: Mortal) -> None:
    """No secret, no record and no work."""
    assert {item["sk"]["S"] for item in account.items("subjects")} <= {"erased"}
    assert not [item for item in account.items("vault") if SUBJECT in item]


@pytest.mark.parametrize(("items", "keyed"), SENT, ids=lambda sent: getattr(sent, "__name__", str(sent)))
def test_tokenizing(account: Mortal, items: Callable[[int], list[Item]], keyed: bool) -> None:
    """A retry takes everything in; asked again it answers the same tokens, where it should.

    What the first try left are records of the very values: none where the tokens of a retry are the
    same, and otherwise records that go with their subject or their time.
    """

    answered, subjects, seen = set[str](), set[str](), set[str]()

    def send(n: int) -> list[str]:
        made = tokens(account.tokenize(*items(n), idempotency_key=f"{n:022}" if keyed else None))
        answered.update(made)
        subjects.update(item["subject"] for item in items(n) if "subject" in item)
        return made

    for n in every_death(account, lambda n: lambda: send(n), by_day=3):
        made, again = send(n), send(n)
        assert revealed(account, made) == [item["value"] for item in items(n)]
        same = [keyed or item["type"] not in RANDOM for item in items(n)]
        assert [a == b for a, b in zip(made, again, strict=True)] == same
        before, seen = seen, with_record(account)
        left = sorted(seen - before - answered)
        assert set(revealed(account, left) if left else []) <= {
            item["value"] for item in items(n) if not keyed and item["type"] in RANDOM
        }
    for subject in subjects:
        assert account.erase(subject=subject).status == 200
    if subjects:
        clean(account)
        nothing_is_left_of_subjects(account)
        assert with_record(account) == set()


def stored(account: Mortal, n: int) -> list[str]:
    """Tokens of one of each kind, of a subject."""
    return tokens(account.tokenize(*of_a_subject(n)))


READINGS: dict[str, Callable[[Mortal, list[str], int], Answer]] = {
    "detokenize": lambda account, made, n: account.detokenize(made[0]),
    "masked": lambda account, made, n: account.masked(made[0]),
    "batch": lambda account, made, n: account.detokenize(*made),
    "facts": lambda account, made, n: account.facts(made[0]),
    "search": lambda account, made, n: account.search(*of_a_subject(n)[2:]),
}
"""Use cases that change nothing, on the tokens of a subject of that number."""


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS.keys())
def test_reading(account: Mortal, read: Callable[[Mortal, list[str], int], Answer]) -> None:
    """A retry answers what the first try would have, and nothing was changed."""
    made: dict[int, list[str]] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        made[n] = stored(account, n)
        return lambda: read(account, made[n], n)

    for n in every_death(account, prepare, by_day=3):
        before = account.items("vault"), account.items("subjects")
        answer = read(account, made[n], n)
        assert answer.status == 200
        assert "error" not in str(answer.body)
        assert (account.items("vault"), account.items("subjects")) == before


def test_erasing_a_token(account: Mortal) -> None:
    """Until the retry a token opens or is gone; then it is gone for good, and so is its record."""
    made: dict[int, str] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        made[n] = stored(account, n)[n % 4]
        return lambda: account.erase(token=made[n])

    for n in every_death(account, prepare, by_day=3):
        value = of_a_subject(n)[n % 4]["value"]
        assert revealed(account, [made[n]]) in ([value], [None])
        assert account.erase(token=made[n]).status == 204
        assert revealed(account, [made[n]]) == [None]
        assert account.facts(made[n]).status == 404
        assert made[n] not in with_record(account)
        again = tokens(account.tokenize(*of_a_subject(n)))
        assert made[n] not in again
        assert revealed(account, again) == [item["value"] for item in of_a_subject(n)]


@pytest.mark.parametrize("asked_again", [True, False], ids=["asked again", "left to the job"])
def test_erasing_a_subject(account: Mortal, asked_again: bool) -> None:
    """Until somebody goes on, each token opens or is gone; then all are gone, whoever it is that goes on.

    An erasing that died before it had noted anything did not happen.
    """
    made: dict[int, list[str]] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        made[n] = stored(account, n)
        return lambda: account.erase(subject=f"person-{n}")

    for n in every_death(account, prepare, by_day=3):
        values = [item["value"] for item in of_a_subject(n)]
        between = revealed(account, made[n])
        assert between in (values, [None] * 4)
        noted = f"shop#person-{n}" in noted_subjects(account)
        if asked_again:
            assert account.erase(subject=f"person-{n}").body["receipt"]["tokens_closed"] == 4
        clean(account)
        gone = asked_again or noted or between != values
        assert revealed(account, made[n]) == ([None] * 4 if gone else values)
        assert codes(account.tokenize(*of_a_subject(n))) == ["subject_erased" if gone else None] * 4
        if not gone:
            account.erase(subject=f"person-{n}")
        assert account.erase(subject=f"person-{n}").body["receipt"]["secrets_destroyed"] == 1
    clean(account)
    nothing_is_left_of_subjects(account)


def noted_subjects(account: Mortal) -> set[str]:
    """Whom the job has still to clean up after."""
    return {item["sk"]["S"] for item in account.items("subjects") if item["pk"]["S"] == "erasing"}


def test_cleaning_up(account: Mortal) -> None:
    """The next run goes on where the last one died, and in the end nothing is left."""

    def prepare(n: int) -> Callable[[], None]:
        stored(account, n)
        account.erase(subject=f"person-{n}")
        account.settle()
        return account.maintain

    for n in every_death(account, prepare, by_day=3):
        account.maintain()
        nothing_is_left_of_subjects(account)
        assert codes(account.tokenize(*of_a_subject(n))) == ["subject_erased"] * 4


def keys_of_tenants(account: Mortal) -> list[dict[str, Any]]:
    return [item for item in account.items("keys") if item["pk"]["S"] != "#tenants"]


def test_the_first_keys(account: Mortal) -> None:
    """The next run makes what is missing, and nothing twice."""

    def prepare(n: int) -> Callable[[], None]:
        for item in account.items("keys"):
            account.dynamodb.delete_item(TableName="keys", Key={"pk": item["pk"], "sk": item["sk"]})
        return account.maintain

    for n in every_death(account, prepare, by_day=3):
        account.maintain()
        kinds = sorted(item["sk"]["S"].partition("#")[0] for item in keys_of_tenants(account))
        assert kinds == ["branch", "branch", "prf", "prf"] + ["ready"] * 4
        account.restart()
        made = tokens(account.tokenize(*of_a_subject(n)))
        assert revealed(account, made) == [item["value"] for item in of_a_subject(n)]


def test_a_rotation(account: Mortal) -> None:
    """The next run finishes it; what was sealed before and after opens."""
    made: dict[int, list[str]] = {}

    def prepare(n: int) -> Callable[[], Any]:
        made[n] = stored(account, n)
        environment = account.env("maintain")
        return lambda: wiring.maintain(environment, account.client, account.telemetry, "shop")

    for n in every_death(account, prepare, by_day=3):
        account.maintain()
        account.restart()
        other = 10_000 + n
        newer = tokens(account.tokenize(*of_a_subject(other)))
        values = [item["value"] for item in [*of_a_subject(n), *of_a_subject(other)]]
        assert revealed(account, [*made[n], *newer]) == values
        ids = [item["sk"]["S"].partition("#") for item in account.items("keys") if item["pk"]["S"] == "shop"]
        assert {key_id for kind, _, key_id in ids if kind == "branch"} <= {
            key_id for kind, _, key_id in ids if kind == "ready"
        }

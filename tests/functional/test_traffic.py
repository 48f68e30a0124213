"""The callers of `make regions-under-traffic` find what they are there for: answers that may not be."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from local.caller import Answer
from tests.support import traffic
from tests.support.traffic import Traffic
from tests.support.traffic_ledger import DETERMINISTIC, WrongError


class Vault:
    """Two Regions' API in a few lines, with nothing between them: right, unless a fault is planted."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[str, str, str | None]] = {}
        self.gone: set[str] = set()
        self.numbers = itertools.count()

    def answer(self, method: str, path: str, body: Any) -> Answer:
        """What both Regions answer."""
        if method == "DELETE":
            return self.erase(path.rsplit("/", 1)[1], is_subject="/subjects/" in path)
        work = self.tokenize if path == "/v1/tokenize" else self.reveal
        return Answer(200, {}, {"results": [work(item) for item in body["items"]]})

    def tokenize(self, item: Any) -> dict[str, Any]:
        owned = item["type"], item["value"], item.get("subject")
        if item["type"] in DETERMINISTIC:
            for token, known in self.values.items():
                if known == owned and token not in self.gone:
                    return {"token": token}
        token = f"t{next(self.numbers)}"
        self.values[token] = owned
        return {"token": token}

    def reveal(self, item: Any) -> dict[str, Any]:
        if item["token"] in self.gone:
            return {"error": {"code": "token_not_found"}}
        return {"value": self.values[item["token"]][1]}

    def erase(self, name: str, *, is_subject: bool) -> Answer:
        for token, owned in self.values.items():
            if name == (owned[2] if is_subject else token):
                self.gone.add(token)
        return Answer(200 if is_subject else 204, {}, None)


class Region:
    """One of them, as a caller sees it."""

    def __init__(self, vault: Vault, name: str) -> None:
        self.vault, self.name = vault, name

    def call(self, method: str, path: str, client: str, scope: str, body: Any = None) -> Answer:
        return self.vault.answer(method, path, body)


def refused(item: Any) -> dict[str, Any]:
    """A value is not taken in."""
    return {"error": {"code": "store_unavailable"}}


def lost(item: Any) -> dict[str, Any]:
    """A token is not there, however often it is asked for."""
    return {"error": {"code": "token_not_found"}}


def corrupt(item: Any) -> dict[str, Any]:
    """A record does not open."""
    return {"error": {"code": "record_corrupt"}}


def another_value(item: Any) -> dict[str, Any]:
    """A token opens as something else."""
    return {"value": "another"}


FAULTS: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "refused": ("tokenize", refused, "a value is refused"),
    "one token for all": ("tokenize", lambda item: {"token": "t"}, "stands for two values"),
    "lost": ("reveal", lost, "did not come to"),
    "corrupt": ("reveal", corrupt, "does not open: record_corrupt"),
    "another value": ("reveal", another_value, "opens as another value"),
}


def calls(vault: Vault, steps: int = 400) -> Traffic:
    """Callers of both Regions, one after the other in this thread."""
    made = Traffic([Region(vault, "a"), Region(vault, "b")], 4)  # type: ignore[list-item]  # what is asked of it
    for number in range(steps):
        made.callers[number % 4].step()
    return made


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "ARRIVES_SECONDS", 0.0)


def test_right_answers_pass() -> None:
    """All kinds of requests were made, and what came of them is looked at once more."""
    made = calls(Vault())
    made.check_all()
    assert all(made.ledger.done[each] for each in ("tokenize", "reveal", "erase", "erase a subject"))


@pytest.mark.parametrize(("name", "fault", "wrong"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_answer_is_found(name: str, fault: Callable[[Any], Any], wrong: str) -> None:
    """By what it breaks."""
    vault = Vault()
    setattr(vault, name, fault)
    with pytest.raises(WrongError, match=wrong):
        calls(vault)


def test_an_erased_token_that_opens_is_found() -> None:
    """Erasures are acknowledged, and nothing is erased."""
    vault = Vault()
    vault.erase = lambda name, *, is_subject: Answer(200 if is_subject else 204, {}, None)  # type: ignore[method-assign]  # planted
    with pytest.raises(WrongError, match="was erased, and opens"):
        calls(vault)


def test_a_second_token_of_a_known_value_is_found() -> None:
    """A deterministic type forgets what it gave."""
    vault = Vault()
    vault.tokenize = lambda item: _added(vault, item)  # type: ignore[method-assign]  # planted
    with pytest.raises(WrongError, match="a value has two tokens"):
        calls(vault)


def _added(vault: Vault, item: Any) -> dict[str, Any]:
    token = f"t{next(vault.numbers)}"
    vault.values[token] = item["type"], item["value"], item.get("subject")
    return {"token": token}


def test_what_a_thread_meets_is_told_by_the_test() -> None:
    """And the other callers stop."""
    vault = Vault()
    vault.tokenize = refused  # type: ignore[method-assign]  # planted
    regions: Any = [Region(vault, "a"), Region(vault, "b")]
    with pytest.raises(WrongError, match="a value is refused"), Traffic(regions, 4) as made:
        made.until("reveal", 1, 5)

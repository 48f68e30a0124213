"""A file of pairs is of one walk over the tokens: whoever begins others, no page of it is passed over or
doubled."""

from collections.abc import Iterator

import pytest

from chalicelib.errors import InvalidRequest
from chalicelib.service import token_walker
from tests.support.answers import tokens
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import World, world

OTHER_RUN = "f" * 32


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Forty values of a type that has its second key by now, in pages of at most four tokens."""
    monkeypatch.setattr(token_walker, "PAGE_TOKENS", 4)
    with world(naming()) as made:
        tokens(made.tokenize(*({"type": "text_known", "value": f"text {n}"} for n in range(40))))
        switch(made, naming(text_known=2))
        yield made


def walk_anew(account: World, run: Retokenizing) -> None:
    """Another run ends the walk of this one, which then begins one again under its own id."""
    Retokenizing(account, run=OTHER_RUN).walk(anew=True)
    run.walk(anew=True)


@pytest.mark.parametrize(
    ("first", "then"), [(1, 1000), (1000, 1)], ids=["a page would be passed over", "pages would be doubled"]
)
def test_a_walk_that_was_begun_again_is_not_gone_on_with(account: World, first: int, then: int) -> None:
    """Its pages may end at other places: the cursor is of the walk of the first page."""
    run = Retokenizing(account).begin()
    run.walk(revision=0, limit=first)
    run.take(run.page())
    walk_anew(account, run)
    for revision in (0, 1):
        run.walk(revision=revision, limit=then)
    with pytest.raises(InvalidRequest, match=r"^cursor: another run of this type began; begin anew$"):
        run.page()


def test_before_its_first_page_a_run_takes_the_walk_that_there_is(account: World) -> None:
    """Nothing was given out by the other one, whose first page nobody took, or whose answer was lost."""
    run = Retokenizing(account).begin()
    run.walk(revision=0, limit=1)
    run.page()
    walk_anew(account, run)
    run.walk(revision=0)
    run.take(run.page())
    assert len(pairs(run.finish())) == 40


def test_a_page_whose_answer_was_lost_is_given_again(account: World) -> None:
    """By the same walk: the cursor behind it is as good as the one that was lost."""
    run = Retokenizing(account).begin()
    for revision in (0, 1):
        run.walk(revision=revision)
        run.page()
        run.take(run.page())
    assert len(pairs(run.finish())) == 40


def test_a_tenant_that_left_the_policy_gets_no_more_pages(account: World) -> None:
    """As none begins for it."""
    run = Retokenizing(account).begin()
    run.walk(revision=0)
    written = naming(text_known=2)
    del written["tenants"]["shop"]
    switch(account, written)
    run.restart()
    with pytest.raises(InvalidRequest, match=r"^tenant: the policy has no tenant of this name$"):
        run.page()


def test_a_run_that_left_its_last_page_makes_way(account: World) -> None:
    """Its walk is at its end, so another begins without a word; what the first one has is all it gets."""
    run = Retokenizing(account).begin()
    while not run.walk(revision=len(run.counts), limit=10_000)["done"]:
        run.take(run.page())
    other = Retokenizing(account, run=OTHER_RUN).begin()
    with pytest.raises(InvalidRequest, match="another run of this type began"):
        run.page()
    assert len(pairs(other.finish())) == 40


def test_asked_again_after_its_new_token_was_erased_a_page_names_another(account: World) -> None:
    """The place of the erased one stays taken; the pair has the token that the value has."""
    run = Retokenizing(account).begin()
    run.walk(revision=0)
    run.page()
    [erased] = tokens(account.tokenize({"type": "text_known", "value": "text 0"}))
    account.erase(token=erased)
    moved = pairs(run.finish())
    [new] = tokens(account.tokenize({"type": "text_known", "value": "text 0"}))
    assert new in moved.values()
    assert erased not in moved.values()


def test_a_value_that_was_tokenized_first_keeps_what_that_request_said(account: World) -> None:
    """The new record has its own facts, and the pair those of the old one: with it, they are all there is."""
    switch(account, naming())
    [old] = tokens(account.tokenize({"type": "text_known", "value": "v", "metadata": {"order": "7"}}))
    switch(account, naming(text_known=2))
    [new] = tokens(account.tokenize({"type": "text_known", "value": "v"}))
    entries = {entry["token"]: entry for entry in Retokenizing(account).begin().finish()}
    assert (entries[old]["new_token"], entries[old]["metadata"]) == (new, {"order": "7"})
    assert account.facts(new).body["metadata"] == {}

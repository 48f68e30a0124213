"""Pages of a run whose answers were lost, or that two runs ask for at once."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import InvalidRequest
from tests.functional.retokenizing.moving import OTHER_RUN, SECOND, texts
from tests.support.answers import tokens
from tests.support.exports import pem
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import World


def test_a_second_run_gives_the_same_pairs_while_old_tokens_live(account: World) -> None:
    """And nothing once they were erased."""
    old = texts(account, 5)
    switch(account, SECOND)
    first = pairs(Retokenizing(account).begin().finish())
    assert pairs(Retokenizing(account, run=OTHER_RUN).begin().finish()) == first
    for token in old:
        account.erase(token=token)
    again = Retokenizing(account, run="0" * 32).begin()
    assert again.finish() == []
    assert again.total("passed") == 5


def test_a_page_whose_answer_was_lost_gives_the_same_pairs(account: World, small_pages: None) -> None:
    """Asked again, also by a new container, it fits behind what was received; nothing is made twice."""
    texts(account, 9)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    run.step()
    run.walk(revision=1)
    lost = run.page()
    made = len(account.items("vault"))
    run.restart()
    again = run.page()
    assert lost["sealed"] != again["sealed"]
    assert len(account.items("vault")) == made
    run.take(again)
    assert len(pairs(run.finish())) == 9


def test_a_step_whose_answer_was_lost_is_asked_again(account: World, small_pages: None) -> None:
    """It puts down no other page, so none is passed over; and none is put down ahead of time."""
    texts(account, 9)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    once = run.walk(revision=0)
    assert run.walk(revision=0) == once
    assert run.walk() == once
    for revision in (2, 5, -1):
        with pytest.raises(InvalidRequest, match="the walk stands at another page"):
            run.walk(revision=revision)
    run.walk(revision=1)
    with pytest.raises(InvalidRequest, match="the walk stands at another page"):
        run.page()  # the page before was not taken


def test_a_page_is_given_to_its_own_cursor_alone(account: World, small_pages: None) -> None:
    """Not to one of another run, type, recipient, key or use, nor to a changed one."""
    texts(account, 9)
    account.tokenize({"type": "card_known", "value": "4111111111111111"})
    switch(account, SECOND)
    run, other = Retokenizing(account).begin(), Retokenizing(account, "card_known", run=OTHER_RUN).begin()
    run.walk(revision=0)
    with pytest.raises(InvalidRequest, match="cursor: it is of another run"):
        run.send(opening=run.opening, cursor=other.cursor)
    with pytest.raises(InvalidRequest, match="cursor: it is none that this vault gave"):
        run.send(opening=run.opening, cursor=f"x{run.cursor}")
    for_another = Retokenizing(account).begin(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(InvalidRequest, match="cursor: it is of another run"):
        run.send(opening=for_another.opening, cursor=run.cursor)
    switch(account, naming(text_known=3, card_known=2))
    run.restart()
    with pytest.raises(InvalidRequest, match="another prf_key by now"):
        run.page()


def test_of_two_runs_at_once_one_is_told(account: World, small_pages: None) -> None:
    """The second is refused, unless it ends the first, which then gets no more."""
    texts(account, 9)
    switch(account, SECOND)
    first = Retokenizing(account).begin()
    first.step()
    second = Retokenizing(account, run=OTHER_RUN)
    with pytest.raises(InvalidRequest, match="another run goes on with this type"):
        second.begin()
    second.begin(anew=True)
    second.step()
    with pytest.raises(InvalidRequest, match="another run began"):
        first.step()
    with pytest.raises(InvalidRequest, match="another run of this type began"):
        first.page()
    assert len(pairs(second.finish())) == 9


def test_types_of_a_tenant_move_side_by_side(account: World) -> None:
    """Walks of two types, and of a rotation, do not see each other."""
    old = texts(account, 2)
    [card] = tokens(account.tokenize({"type": "card_known", "value": "4111111111111111"}))
    switch(account, SECOND)
    runs = [Retokenizing(account).begin(), Retokenizing(account, "card_known", run=OTHER_RUN).begin()]
    assert [set(pairs(run.finish())) for run in runs] == [set(old), {card}]

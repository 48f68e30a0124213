"""Page by page: what may be asked for again, and what fits together."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.service import exporter
from tests.support.answers import problem
from tests.support.export_reader import Refused
from tests.support.exports import (
    Carried,
    begun,
    opened,
    page,
    payload_of,
    texts,
)
from tests.support.world import World


def test_tokens_made_meanwhile_take_nothing_away(account: World, small_pages: None) -> None:
    """What lived from beginning to end is in it, whatever is made and erased on the way."""
    lived = texts(account, 12)
    carried = begun(account)
    while carried.cursor is not None:
        assert carried.step().status == 200
        [made, _] = texts(account, 2)
        account.erase(token=made)
    assert set(lived) <= {entry["token"] for entry in opened(account, carried.lines)}


def test_what_came_in_later_is_not_in_it(account: World, small_pages: None, clock: Any) -> None:
    """A cursor that is sent again days later shows nothing of what was made since: nobody approved that."""
    account.restart()
    made = texts(account, 9)
    carried = begun(account)
    first = str(carried.cursor)
    clock(exporter.FALLIBLE_SECONDS - 10)
    account.restart()
    meanwhile = texts(account, 9)
    clock(11)
    later = texts(account, 9)
    found = {entry["token"] for entry in opened(account, carried.finish())}
    assert found == {*made, *meanwhile}
    clock(24 * 3600)
    again = Carried(account, carried.opening, first, carried.lines[:1])
    found = {entry["token"] for entry in opened(account, again.finish())}
    assert found == {*made, *meanwhile}
    assert not found & set(later)


def test_a_page_that_is_asked_for_again(account: World, small_pages: None) -> None:
    """A client that lost an answer goes on with another copy of the page; either way the file is whole."""
    made = texts(account, 9)
    carried = begun(account)
    cursor = str(carried.cursor)
    lost = page(account, carried.opening, cursor)
    again = page(account, carried.opening, cursor)
    assert lost.body["sealed"] != again.body["sealed"]
    carried.take(again.body)
    assert {entry["token"] for entry in opened(account, carried.finish())} == set(made)


def test_pages_of_two_ways_do_not_mix(account: World, small_pages: None) -> None:
    """A page before which another one was given fits into no file, and no receipt is true of the mixture."""
    texts(account, 12)
    mine, yours = begun(account), begun(account)
    whole, other = mine.finish(), yours.finish()
    opened(account, whole)
    for mixed in (
        [whole[0], other[1], *whole[2:]],
        [*whole[:-1], other[-1]],
        [other[0], *whole[1:]],
        [*whole[:2], *whole[3:]],
        whole[:-1],
        [*whole[:-2], whole[-1]],
        [whole[0], whole[2], whole[1], *whole[3:]],
    ):
        with pytest.raises(Refused):
            opened(account, mixed)


def test_a_cursor_of_another_export_is_refused(account: World, small_pages: None) -> None:
    """Neither a cursor nor an opening is good with another one's, and none can be made up or changed."""
    texts(account, 9)
    mine, yours = begun(account), begun(account, {"types": ["text"]})
    problem(page(account, mine.opening, str(yours.cursor)), 400, "invalid_request")
    problem(page(account, yours.opening, str(mine.cursor)), 400, "invalid_request")
    payload, _, signature = str(mine.cursor).partition(".")
    claims = payload_of(payload)
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"segment": 15}).encode()).rstrip(b"=").decode()
    for text in (f"{forged}.{signature}", payload, f"{payload}.", f"{payload}.AAAA", "é", "."):
        problem(page(account, mine.opening, text), 400, "invalid_request")


def test_what_nobody_but_the_recipient_opens(account: World) -> None:
    """Another key opens nothing of it."""
    texts(account, 1)
    lines = begun(account).finish()
    with pytest.raises(Refused, match="another key"):
        opened(account, lines, ec.generate_private_key(ec.SECP256R1()))


def test_an_export_has_its_time(account: World, small_pages: None, clock: Any) -> None:
    """After a week it is begun anew."""
    account.restart()
    texts(account, 9)
    carried = begun(account)
    clock(exporter.VALID_SECONDS - 60)
    assert carried.step().status == 200
    clock(61)
    problem(carried.step(), 400, "invalid_request")

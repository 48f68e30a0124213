"""`tokenvault retokenize retire` where things are not what they were: other runs, tenants, moves."""

import json
import shutil
from argparse import Namespace
from collections.abc import Callable
from typing import Any

import pytest
from tokenvault_client.cli import retiring
from tokenvault_client.cli.exits import Exit

from tests.client.retokenize.running import ALL, Vault
from tests.client.service import Answer, Seen, problem
from tests.support.retokenizing import naming, switch


def stop_after(vault: Vault, erasures: int) -> None:
    """A run that erases so many tokens, and then ends."""
    usual, left = vault.service.usual, [erasures]

    def ends(seen: Seen) -> Answer:
        left[0] -= seen.method == "DELETE"
        return usual(seen) if left[0] >= 0 else problem(500, "store_refused")

    vault.service.usual = ends
    assert vault.retire("--yes", "--parallel", "1")[0] is Exit.UNAVAILABLE
    vault.service.usual = usual
    vault.service.seen.clear()


def ask_late(meanwhile: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Something happens between the look and the first erasure of the next run."""
    real, late = retiring._Asked.begin, [meanwhile]

    def begin(asked: Any, *found: Any) -> bool:
        agreed = real(asked, *found)
        if late:
            late.pop()()
        return agreed

    monkeypatch.setattr(retiring._Asked, "begin", begin)


def methods(vault: Vault) -> set[str]:
    """What was asked of the service."""
    return {seen.method for seen in vault.service.seen}


def all_live_on(vault: Vault, name: str = "pairs") -> bool:
    """Whether each value opens under its new token."""
    return sorted(map(str, vault.values(*set(vault.pairs(name).values())))) == ALL


@pytest.mark.parametrize(("erasures", "left"), [(2, 9), (6, 5)])
def test_a_dry_run_after_one_that_ended_erases_nothing(moved: Vault, erasures: int, left: int) -> None:
    """It tells what is left by the notes, which stay."""
    stop_after(moved, erasures)
    notes = (moved.place / "pairs.retired").read_bytes()
    end, out, _ = moved.retire("--dry-run", "--json")
    assert (end, json.loads(out)["dry_run"]) == (Exit.OK, {"old": left, "new": 0, "gone": 0, "gone_since": 0})
    assert methods(moved) == {"GET"}
    assert (moved.place / "pairs.retired").read_bytes() == notes


def test_a_run_that_goes_on_asks_first(moved: Vault) -> None:
    """Nobody to ask, or a no: nothing more is erased, and a yes goes on."""
    stop_after(moved, 2)
    for options in ({"stdin": "no\n", "interactive": True}, {}):
        assert moved.retire("--parallel", "2", **options)[0] is Exit.USAGE
    assert methods(moved) == {"GET"}
    assert moved.retire("--parallel", "2", stdin="yes\n", interactive=True)[0] is Exit.OK
    assert all_live_on(moved)


def test_a_second_copy_that_was_looked_at_before_stops(moved: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first run erased is nobody's erasure of a value: no value is lost, also if it goes on."""
    shutil.copy(moved.place / "pairs", moved.place / "copy")
    ask_late(moved.retire, monkeypatch)
    end, _, err = moved.retire(name="copy")
    assert end is Exit.USAGE
    assert "the file was retired elsewhere" in err
    assert all_live_on(moved)
    for wrong in ("0", "8"):
        end, _, err = moved.retire("--yes", "--gone-since", wrong, name="copy")
        assert end is Exit.USAGE
        assert "say --gone-since 9" in err
    end, out, err = moved.retire("--yes", "--json", "--gone-since", "9", name="copy")
    assert (end, json.loads(out)["retired"]) == (Exit.OK, {"old": 9, "new": 0, "gone": 0}), err
    assert all_live_on(moved)


def test_a_value_that_is_erased_by_its_old_token_after_the_look_is_told_of(
    moved: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a batch that was not begun: its new token is somebody's to erase, and the rest goes on."""
    [first, *_] = pairs = moved.pairs()
    ask_late(lambda: moved.account.erase(token=first), monkeypatch)
    end, _, err = moved.retire()
    assert end is Exit.USAGE
    assert "somebody erased values by their old tokens" in err
    assert None not in moved.values(*list(pairs)[1:])
    assert moved.retire("--yes", "--gone-since", "1")[0] is Exit.OK
    assert moved.values(*pairs) == [None] * 9


@pytest.mark.parametrize("erasures", [None, 2, 6, 8])
def test_a_client_of_another_tenant_retires_nothing(moved: Vault, erasures: int | None) -> None:
    """Nothing is there for it, and that is no end: it is told whose file this is, whose client goes on."""
    if erasures is not None:
        stop_after(moved, erasures)
    usual = moved.service.usual
    moved.service.usual = lambda seen: problem(404, "token_not_found")
    for options in (("--yes",), ("--yes", "--gone-since", "5")):
        end, _, err = moved.retire(*options)
        assert end is Exit.USAGE
        assert "not a client of tenant shop" in err
    moved.service.usual = usual
    assert moved.retire()[0] is Exit.OK
    assert moved.values(*moved.pairs()) == [None] * 9
    assert all_live_on(moved)


@pytest.mark.parametrize("erasures", [None, 2])
def test_a_tenant_that_has_tokens_of_the_same_look(moved: Vault, erasures: int | None) -> None:
    """Small spaces are taken in both: a token that was made at another time is another value's, and stays."""
    if erasures is not None:
        stop_after(moved, erasures)
    usual = moved.service.usual

    def others(seen: Seen) -> Answer:
        answer = usual(seen)
        other = {**answer.body, "created": "2020-01-01T00:00:00Z"} if answer.status == 200 else answer.body
        return Answer(answer.status, other, answer.headers)

    moved.service.usual = others
    for options in (("--yes",), ("--yes", "--one-gone", "9"), ("--yes", "--gone-since", "9")):
        end, _, err = moved.retire(*options)
        assert end is Exit.USAGE
        assert "made at another time" in err
    assert methods(moved) == {"GET"}
    moved.service.usual = usual
    assert moved.retire()[0] is Exit.OK
    assert all_live_on(moved)


@pytest.mark.parametrize("new", [False, True], ids=["old", "new"])
def test_a_record_that_somebody_changed_is_named_by_its_place(moved: Vault, new: bool) -> None:
    """Nobody could find it among millions. Nothing is erased: the other token may be all that is left."""
    old, became = list(moved.pairs().items())[6]
    spoiled = became if new else old
    moved.account.store(moved.account.stored(spoiled) | {"created": {"N": "1"}})
    end, _, err = moved.retire()
    assert (end, methods(moved)) == (Exit.UNAVAILABLE, {"GET"})
    assert "record_corrupt: pair 7 of the file, whose" in err
    assert spoiled not in err


def test_an_unfinished_move_that_a_second_one_follows(moved: Vault) -> None:
    """Two old tokens of each value led to one new token; retiring them in order, or at once, loses none."""
    switch(moved.account, naming(text_known=3))
    assert moved.move(out="third").code == 0
    assert len(moved.pairs("third")) == 18
    assert moved.retire()[0] is Exit.OK
    end, out, err = moved.retire("--yes", "--json", name="third")
    assert (end, json.loads(out)["retired"]) == (Exit.OK, {"old": 9, "new": 0, "gone": 9}), err
    assert "9 new tokens stay" in err
    assert moved.values(*moved.pairs("third")) == [None] * 18
    assert all_live_on(moved, "third")


def test_notes_that_are_damaged_in_the_middle_stop_the_run(moved: Vault) -> None:
    """What was erased cannot be told from them."""
    stop_after(moved, 6)
    notes = moved.place / "pairs.retired"
    lines = notes.read_bytes().splitlines(keepends=True)
    lines[3] = b"\0" * (len(lines[3]) - 1) + b"\n"
    notes.write_bytes(b"".join(lines))
    end, _, err = moved.retire()
    assert (end, moved.service.seen) == (Exit.USAGE, [])
    assert "pairs.retired is damaged" in err
    assert all_live_on(moved)


def test_a_file_with_an_old_token_twice_is_refused(moved: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked or noted."""
    real = retiring._verified

    def doubled(session: Any, chosen: Namespace) -> Any:
        pairs, *rest = real(session, chosen)
        return (pairs + pairs[:1], *rest)

    monkeypatch.setattr(retiring, "_verified", doubled)
    end, _, err = moved.retire()
    assert (end, moved.service.seen) == (Exit.USAGE, [])
    assert "an old token stands in the file twice" in err
    assert not (moved.place / "pairs.retired").exists()


def test_nothing_that_retiring_tells_or_notes_names_a_token(
    moved: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, stopped, gone on with and ended: outputs, errors and notes hold no token and no value."""
    [first, second, *_] = pairs = moved.pairs()
    moved.account.erase(token=first)
    shown = [moved.retire(), moved.retire("--dry-run", "--json")]
    ask_late(lambda: moved.account.erase(token=second), monkeypatch)
    shown += [moved.retire("--yes", "--one-gone", "1"), moved.retire("--dry-run"), moved.retire()]
    shown += [moved.retire("--yes", "--gone-since", "1"), moved.retire()]
    ends = [Exit.USAGE, Exit.OK, Exit.USAGE, Exit.OK, Exit.USAGE, Exit.OK, Exit.OK]
    assert [end for end, _, _ in shown] == ends
    everything = f"{shown}{(moved.place / 'pairs.retired').read_text()}"
    assert "gone-since 1" in everything
    assert [word for word in (*pairs, *pairs.values(), *ALL) if word in everything] == []

"""`tokenvault retokenize retire`: old tokens end, and what was erased meanwhile is evened out."""

import json
from typing import Any

import pytest
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit

from tests.client.retokenize.running import ALL, Vault
from tests.client.service import Answer, Seen, problem


def test_old_tokens_end_and_new_ones_stay(moved: Vault) -> None:
    """Counted, and done twice it does nothing more."""
    pairs = moved.pairs()
    end, out, err = moved.retire("--yes", "--json")
    assert (end, json.loads(out)) == (Exit.OK, {"retired": {"old": 9, "new": 0, "gone": 0}}), err
    assert moved.values(*pairs) == [None] * 9
    assert sorted(map(str, moved.values(*pairs.values()))) == ALL
    moved.service.seen.clear()
    end, out, _ = moved.retire()
    assert (end, moved.service.seen) == (Exit.OK, [])
    assert out.startswith("was retired already: 9 old tokens")


def test_a_dry_run_tells_and_erases_nothing(moved: Vault) -> None:
    """Also what was erased meanwhile; and nothing is left beside the file."""
    pairs = moved.pairs()
    [first, second, *_] = pairs
    moved.account.erase(token=first)
    moved.account.erase(token=pairs[second])
    end, out, _ = moved.retire("--dry-run", "--json")
    assert (end, json.loads(out)["dry_run"]) == (Exit.OK, {"old": 8, "new": 1, "gone": 0, "one_gone": 2})
    assert {seen.method for seen in moved.service.seen} == {"GET"}
    assert not (moved.place / "pairs.retired").exists()
    assert moved.values(second, pairs[first]) != [None, None]


def test_a_value_that_was_erased_under_one_token_is_erased_under_both(moved: Vault) -> None:
    """Once it was said of how many values that is so."""
    pairs = moved.pairs()
    [first, second, third, *rest] = pairs
    for token in (first, pairs[second], third, pairs[third]):
        moved.account.erase(token=token)
    for wrong in ("0", "1", "3"):
        end, _, err = moved.retire("--yes", "--one-gone", wrong)
        assert end is Exit.USAGE
        assert "say --one-gone 2" in err
        assert not (moved.place / "pairs.retired").exists()
    end, out, err = moved.retire("--yes", "--one-gone", "2", "--json")
    assert (end, json.loads(out)["retired"]) == (Exit.OK, {"old": 7, "new": 1, "gone": 1}), err
    assert moved.values(*pairs) == [None] * 9
    assert moved.values(*(pairs[token] for token in (first, second, third))) == [None] * 3
    assert None not in moved.values(*(pairs[token] for token in rest))


@pytest.mark.parametrize("erasures", [1, 6])
@pytest.mark.parametrize("answers", [False, True], ids=["before", "after"])
def test_a_run_that_ended_never_takes_its_own_erasures_for_others(
    moved: Vault, erasures: int, answers: bool
) -> None:
    """Wherever it ended, and with a cut note: every value lives on under its new token."""
    pairs, usual, left = moved.pairs(), moved.service.usual, [erasures]

    def ends(seen: Seen) -> Answer:
        left[0] -= seen.method == "DELETE"
        if left[0] >= 0:
            return usual(seen)
        if answers:
            usual(seen)
        return problem(500, "store_refused")

    moved.service.usual = ends
    end, _, _ = moved.retire("--yes", "--parallel", "1")
    assert end is Exit.UNAVAILABLE
    with (moved.place / "pairs.retired").open("ab") as notes:
        notes.write(b'{"batch": 9')
    moved.service.usual = usual
    end, out, err = moved.retire("--yes", "--json")
    assert (end, json.loads(out)["retired"]) == (Exit.OK, {"old": 9, "new": 0, "gone": 0}), err
    assert moved.values(*pairs) == [None] * 9
    assert sorted(map(str, moved.values(*pairs.values()))) == ALL


def test_without_its_notes_a_retired_file_erases_nothing_more(moved: Vault) -> None:
    """On another machine, say: the new tokens are not taken for leftovers unless somebody says the number."""
    pairs = moved.pairs()
    assert moved.retire()[0] is Exit.OK
    (moved.place / "pairs.retired").unlink()
    end, _, err = moved.retire()
    assert end is Exit.USAGE
    assert "or the file was retired" in err
    assert None not in moved.values(*pairs.values())


def test_a_second_file_of_the_same_move_erases_nothing_more(moved: Vault) -> None:
    """Two runs name the same pairs; once the first is retired, the second is told so."""
    assert moved.move(out="second").code == 0
    assert moved.pairs("second") == moved.pairs()
    assert moved.retire()[0] is Exit.OK
    assert moved.retire(name="second")[0] is Exit.USAGE
    assert None not in moved.values(*moved.pairs().values())


def test_run_again_until_nothing_is_moved(moved: Vault) -> None:
    """What a container with the old policy took in meanwhile is in the next file; then there is none."""
    assert moved.retire()[0] is Exit.OK
    assert moved.move("--yes", "--json", out="second").objects[0]["retokenized"]["tokens"] == 0
    assert moved.pairs("second") == {}
    assert moved.retire(name="second")[0] is Exit.OK


def test_it_asks_first(moved: Vault) -> None:
    """Without --yes: a no, or nobody to ask, erases nothing and leaves nothing."""
    for options in ({"stdin": "no\n", "interactive": True}, {}):
        end, _, _ = moved.retire("--parallel", "2", **options)
        assert (end, (moved.place / "pairs.retired").exists()) == (Exit.USAGE, False)
    assert moved.retire("--parallel", "2", stdin="yes\n", interactive=True)[0] is Exit.OK


def test_a_client_that_may_not_is_refused_and_nothing_is_erased(moved: Vault) -> None:
    """The service says so, and the file can be retired later."""
    usual = moved.service.usual
    moved.service.usual = lambda seen: problem(403, "not_permitted")
    assert moved.retire()[0] is Exit.REFUSED
    assert not (moved.place / "pairs.retired").exists()
    moved.service.usual = usual
    assert moved.retire()[0] is Exit.OK


def test_a_tool_that_is_not_set_up_leaves_no_notes(moved: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was decided that they could tell of, and another file of this name would meet them."""
    with monkeypatch.context() as patch:
        patch.setattr(moved.service, "environment", dict)
        end, _, err = moved.retire()
    assert (end, "TOKENVAULT_URL" in err) == (Exit.USAGE, True)
    assert not (moved.place / "pairs.retired").exists()


def test_only_a_whole_file_is_retired(moved: Vault) -> None:
    """One that was cut or changed asks the service for nothing."""
    whole = (moved.place / "pairs").read_text().splitlines(keepends=True)
    (moved.place / "pairs").write_text("".join(whole[:-1]))
    assert (moved.retire()[0], moved.service.seen) == (Exit.NOT_VERIFIED, [])
    assert not (moved.place / "pairs.retired").exists()


def test_a_file_from_stdin_is_refused(moved: Vault) -> None:
    """There is no place beside it for the notes."""
    named = parser().parse_args(["retokenize", "retire", "-", "--key", "k", "--public-key", "p"])
    end, out, err = moved.use("retire", stdin="", chosen=named)
    assert (end, out) == (Exit.USAGE, "")
    assert "stdin will not do" in err


def test_notes_of_another_file_are_refused(moved: Vault) -> None:
    """They would tell of other pairs."""
    notes: dict[str, Any] = {"retire": {"sha256": "0" * 64, "pairs": 9}}
    (moved.place / "pairs.retired").write_text(json.dumps(notes) + "\n")
    end, _, err = moved.retire()
    assert (end, moved.service.seen) == (Exit.USAGE, [])
    assert "is of another file of pairs" in err

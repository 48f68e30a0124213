"""`tokenvault export run --parts`: parts carried side by side, gone on with, and opened together."""

import json
import threading
from pathlib import Path

import pytest
from tokenvault_client.cli import export_running as commands
from tokenvault_client.cli.exits import Exit

from tests.client.exporting.running import ALL, export, opening, values
from tests.client.service import Answer, Seen, Service, problem
from tests.support.exports import opened_parts
from tests.support.world import World

PARTS = ("--yes", "--parts", "4", "--parallel", "3")
FILES = [f"out-{number:02}-of-04" for number in range(1, 5)]


def test_out_in_parts_and_opened(vault: Service, place: Path, account: World) -> None:
    """A file for each part, nothing else beside them; all of them open, in whatever order they are named."""
    end, out, err = export(vault, place, *PARTS, "--json")
    assert end is Exit.OK, err
    assert json.loads(out)["exported"] | {"tokens": 9, "failed": 0, "parts": 4} == json.loads(out)["exported"]
    made = {path.name for path in place.iterdir()} - {"recipient.pub", "recipient.key", "receipts.der"}
    assert made == set(FILES)
    assert len(opened_parts(account, [(place / name).read_text().splitlines() for name in FILES])) == 9
    end, out, err = opening(vault, place, *reversed(FILES))
    assert (end, values(place)) == (Exit.OK, ALL), err
    assert "parts:      4" in out
    assert sum(seen.path == "/v1/exports" for seen in vault.seen) == 1


def test_parts_are_carried_at_once(vault: Service, place: Path) -> None:
    """Three pages are under way before the first of them is answered, and no more than that."""
    usual, lock, met = vault.usual, threading.Lock(), threading.Event()
    together, now, most = threading.Barrier(3, action=met.set, timeout=20), [0], [0]

    def meets(seen: Seen) -> Answer:
        if not seen.path.endswith("/pages"):
            return usual(seen)
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if not met.is_set():
            together.wait()
        answer = usual(seen)
        with lock:
            now[0] -= 1
        return answer

    vault.usual = meets
    assert export(vault, place, *PARTS)[0] is Exit.OK
    assert most == [3]


@pytest.mark.parametrize("pages", range(4))
def test_a_run_that_ended_is_gone_on_with(vault: Service, place: Path, pages: int) -> None:
    """After any page of any part, with half a page behind it: the next run has all, under the same export."""
    usual, left, lock = vault.usual, [pages], threading.Lock()

    def fails(seen: Seen) -> Answer:
        with lock:
            left[0] -= seen.path.endswith("/pages")
            return problem(500, "store_refused") if left[0] < 0 else usual(seen)

    vault.usual = fails
    end, _, err = export(vault, place, *PARTS)
    assert end is Exit.UNAVAILABLE, err
    assert "the same command goes on" in err
    assert not [name for name in FILES if (place / name).exists()]
    with (place / "out.part").open("ab") as part:
        part.write(b'{"part": 2}\n{"chunk": 99, "sealed": "AAA"}\n{"cursor"')
    vault.usual, vault.seen[:] = usual, []
    assert export(vault, place, *PARTS)[0] is Exit.OK
    assert not [seen for seen in vault.seen if not seen.path.endswith("/pages")]
    assert (opening(vault, place, *FILES)[0], values(place)) == (Exit.OK, ALL)


def test_a_beginning_that_was_cut_is_none(vault: Service, place: Path) -> None:
    """Two of four parts noted: without the others nothing can be whole, so the export is begun anew."""
    usual = vault.usual

    def fails(seen: Seen) -> Answer:
        return problem(500, "store_refused") if seen.path.endswith("/pages") else usual(seen)

    vault.usual = fails
    assert export(vault, place, *PARTS)[0] is Exit.UNAVAILABLE
    lines = (place / "out.part").read_text().splitlines(keepends=True)
    (place / "out.part").write_text("".join(lines[:7]))
    vault.usual, vault.seen[:] = usual, []
    assert export(vault, place, *PARTS)[0] is Exit.OK
    assert sum(seen.path == "/v1/exports" for seen in vault.seen) == 1
    assert (opening(vault, place, *FILES)[0], values(place)) == (Exit.OK, ALL)


def test_another_number_of_parts_does_not_go_on_with_it(vault: Service, place: Path) -> None:
    """What lies there is of four parts, and says so."""
    usual = vault.usual
    vault.usual = lambda seen: problem(500, "x") if seen.path.endswith("/pages") else usual(seen)
    assert export(vault, place, *PARTS)[0] is Exit.UNAVAILABLE
    end, _, err = export(vault, place, "--yes", "--parts", "2")
    assert end is Exit.USAGE
    assert "is of another export" in err


def test_no_file_of_a_part_is_written_over(vault: Service, place: Path) -> None:
    """One of them is enough to refuse, before anything is sent."""
    (place / FILES[2]).write_text("mine")
    end, _, err = export(vault, place, *PARTS)
    assert (end, (place / FILES[2]).read_text(), vault.seen) == (Exit.USAGE, "mine", [])
    assert "there is a file of this name already" in err


def test_ended_while_the_files_got_their_names(vault: Service, place: Path) -> None:
    """Between two of them: the next run ends what was begun, and asks the service for nothing."""
    with pytest.MonkeyPatch.context() as patch:
        named = [0]

        def dies(whole: Path, out: Path) -> None:
            named[0] += 1
            if named[0] == 3:
                raise KeyboardInterrupt
            whole.rename(out)

        patch.setattr("tokenvault_client.export.under_way.os.replace", dies)
        with pytest.raises(KeyboardInterrupt):
            export(vault, place, *PARTS)
    assert {"out.part", *FILES[:2]} <= {path.name for path in place.iterdir()}
    vault.seen.clear()
    assert export(vault, place, *PARTS)[0] is Exit.OK
    assert (vault.seen, (place / "out.part").exists()) == ([], False)
    assert (opening(vault, place, *FILES)[0], values(place)) == (Exit.OK, ALL)


def test_the_budget_of_an_hour_is_waited_for_by_each_part(
    vault: Service,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And none of the others has to end for it."""
    waited: list[float] = []
    monkeypatch.setattr(commands, "wait", lambda ended, seconds: waited.append(seconds))
    usual, left, lock = vault.usual, [3], threading.Lock()

    def refuses(seen: Seen) -> Answer:
        with lock:
            left[0] -= seen.path.endswith("/pages")
            spent = seen.path.endswith("/pages") and left[0] >= 0
            return problem(429, "budget_exceeded", retry_after="1800") if spent else usual(seen)

    vault.usual = refuses
    assert (export(vault, place, *PARTS)[0], waited) == (Exit.OK, [1800.0] * 3)


@pytest.mark.parametrize("damage", ["missing", "doubled", "another", "renumbered", "cut", "receipt", "one"])
def test_what_is_not_the_whole_is_not_opened(vault: Service, place: Path, damage: str) -> None:
    """Nothing of it stays on the disk, and what is wrong is said."""
    assert export(vault, place, *PARTS)[0] is Exit.OK
    files = {name: (place / name).read_text().splitlines(keepends=True) for name in FILES}
    first, second = (files[name] for name in FILES[:2])
    if damage == "another":
        for name in FILES:
            (place / name).rename(place / f"old-{name}")
        assert export(vault, place, *PARTS)[0] is Exit.OK
    names, expected = {
        "missing": (FILES[1:], "of 4 parts these are missing: 1"),
        "doubled": ([*FILES, FILES[0]], "a part is there twice"),
        "another": ([f"old-{FILES[0]}", *FILES[1:]], "the files are of different exports"),
        "renumbered": (["changed", *FILES[1:]], "a chunk is not what the vault sealed in this place"),
        "cut": (["changed", *FILES[1:]], "it has no receipt"),
        "receipt": (["changed", *FILES[1:]], "the receipt is not of this file"),
        "one": ([FILES[0]], "of 4 parts these are missing: 2, 3, 4"),
    }[damage]
    changed = {
        "renumbered": [first[0], *second[1:]],
        "cut": first[:-1],
        "receipt": [*first[:-1], second[-1]],
    }.get(damage, [])
    (place / "changed").write_text("".join(changed))
    end, out, err = opening(vault, place, *names)
    assert (end, out) == (Exit.NOT_VERIFIED, "")
    assert expected in err
    assert not {path.name for path in place.iterdir()} & {"values", "values.part"}


def test_a_whole_export_and_another_are_two(vault: Service, place: Path) -> None:
    """Files of two exports are not opened at once, though each of them is whole."""
    assert export(vault, place)[0] is Exit.OK
    (place / "out").rename(place / "mine")
    assert export(vault, place)[0] is Exit.OK
    end, _, err = opening(vault, place, "mine", "out")
    assert end is Exit.NOT_VERIFIED
    assert "different exports" in err
    end, _, err = opening(vault, place, "out", "out")
    assert end is Exit.NOT_VERIFIED
    assert "a part is there twice" in err
    assert opening(vault, place)[0] is Exit.OK

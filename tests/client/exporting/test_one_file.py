"""`tokenvault export`: from the real functions of the service, over HTTP, to a file, and the file opened."""

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tokenvault_client.cli import export_running as commands
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.exporting_progress import Progress

from tests.client.exporting.running import ALL, export, opening, run, values
from tests.client.service import HANG_UP, Answer, Seen, Service, problem
from tests.client.tool import SOURCE
from tests.support.exports import opened, pem
from tests.support.world import World


def test_out_and_opened(vault: Service, place: Path, account: World) -> None:
    """The file opens with the tool and with the second reader; nothing else is left beside it."""
    end, out, err = export(vault, place, "--yes", "--json")
    assert end is Exit.OK, err
    assert json.loads(out)["exported"]["tokens"] == 9
    before = {path.name for path in place.iterdir()}
    assert before == {"out", "recipient.pub", "recipient.key", "receipts.der"}
    assert len(opened(account, (place / "out").read_text().splitlines())) == 9
    end, out, err = opening(vault, place)
    assert (end, values(place)) == (Exit.OK, ALL), err
    assert out.startswith("verified\n")
    assert (place / "values").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in place.iterdir()} == before | {"values"}


@pytest.mark.parametrize("pages", range(1, 4))
def test_a_run_that_ended_is_gone_on_with(vault: Service, place: Path, pages: int) -> None:
    """After any page, and with half a page behind it on the disk: the next run has all of it, once."""
    usual, left = vault.usual, [pages]

    def fails(seen: Seen) -> Answer:
        left[0] -= seen.path.endswith("/pages")
        return problem(500, "store_refused") if left[0] < 0 else usual(seen)

    vault.usual = fails
    end, _, err = export(vault, place)
    assert end is Exit.UNAVAILABLE
    assert "the same command goes on" in err
    assert not (place / "out").exists()
    with (place / "out.part").open("ab") as part:
        part.write(b'{"chunk": 99, "sealed": "AAA')
    vault.usual, vault.seen[:] = usual, []
    end, _, err = export(vault, place)
    assert end is Exit.OK, err
    assert [seen.path for seen in vault.seen if not seen.path.endswith("/pages")] == []
    assert (opening(vault, place)[0], values(place)) == (Exit.OK, ALL)


def test_killed_while_a_page_is_on_its_way(vault: Service, place: Path) -> None:
    """The process ends without a word; the next run has all of it, under the same export."""
    usual, arrived, gone, pages = vault.usual, threading.Event(), threading.Event(), [0]

    def waits(seen: Seen) -> Answer:
        pages[0] += seen.path.endswith("/pages")
        if pages[0] == 3:
            arrived.set()
            gone.wait()
        return usual(seen)

    vault.usual = waits
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "TOKENVAULT_TOKEN_CACHE": ""}
    terms = (
        "--to",
        str(place / "recipient.pub"),
        "--purpose",
        "moving",
        "--out",
        str(place / "out"),
        "--yes",
    )
    command = [sys.executable, "-m", "tokenvault_client", "export", "run", *terms]
    with subprocess.Popen(command, env=environment | vault.environment(), stderr=subprocess.PIPE) as process:
        arrived.wait()
        process.kill()
    gone.set()
    assert process.returncode == -signal.SIGKILL
    begun = json.loads((place / "out.part").read_text().splitlines()[1])["opening"]
    vault.usual = usual
    assert export(vault, place)[0] is Exit.OK
    assert json.loads((place / "out").read_text().splitlines()[0])["opening"] == begun
    assert (opening(vault, place)[0], values(place)) == (Exit.OK, ALL)


def test_a_page_whose_answer_was_lost(vault: Service, place: Path) -> None:
    """It is asked for again, and stands in the file once."""
    usual, lost = vault.usual, [1]

    def loses(seen: Seen) -> Answer:
        answer = usual(seen)
        lost[0] -= seen.path.endswith("/pages")
        return HANG_UP if lost[0] == 0 else answer

    vault.usual = loses
    assert export(vault, place)[0] is Exit.OK
    assert (opening(vault, place)[0], values(place)) == (Exit.OK, ALL)


def test_a_run_that_ended_while_it_gave_the_file_its_name(vault: Service, place: Path) -> None:
    """Before or after it had: the next run ends what was begun, and asks the service for nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", lambda self, missing_ok=False: _die())
        with pytest.raises(KeyboardInterrupt):
            export(vault, place)
    assert {"out", "out.part"} <= {path.name for path in place.iterdir()}
    vault.seen.clear()
    assert export(vault, place)[0] is Exit.OK
    assert (vault.seen, (place / "out.part").exists()) == ([], False)
    assert (opening(vault, place)[0], values(place)) == (Exit.OK, ALL)


def _die() -> None:
    raise KeyboardInterrupt


def test_no_file_is_written_over(vault: Service, place: Path) -> None:
    """Neither somebody else's, nor that of another export."""
    (place / "out").write_text("mine")
    end, _, err = export(vault, place)
    assert (end, (place / "out").read_text(), vault.seen) == (Exit.USAGE, "mine", [])
    assert "there is a file of this name already" in err
    assert not (place / "out.part").exists()


def test_another_export_does_not_go_on_with_it(vault: Service, place: Path) -> None:
    """Of another type, for another purpose or to another recipient: no mixed file comes of it."""
    vault.script.append(through_once(vault))
    vault.script.append(problem(500, "store_refused"))
    assert export(vault, place)[0] is Exit.UNAVAILABLE
    before = (place / "out.part").read_bytes()
    (place / "recipient.pub").write_text(pem(ec.generate_private_key(ec.SECP256R1())))
    end, _, err = export(vault, place)
    assert (end, (place / "out.part").read_bytes()) == (Exit.USAGE, before)
    assert "is of another export" in err
    (place / "recipient.pub").write_text(pem())
    assert export(vault, place, "--yes", "--type", "text")[0] is Exit.USAGE
    assert export(vault, place)[0] is Exit.OK


def through_once(vault: Service) -> Answer:
    """The answer to a beginning, as the account gives it."""
    body = json.dumps({"recipient": pem(), "purpose": "moving"}).encode()
    return vault.usual(Seen("POST", "/v1/exports", {}, body))


def test_an_export_that_is_too_old_to_go_on_with(vault: Service, place: Path) -> None:
    """The user is told what to do, and nothing is taken away by itself; a first step leaves nothing."""
    vault.script += [through_once(vault), problem(400, "invalid_request")]
    end, _, err = export(vault, place)
    assert (end, (place / "out.part").exists()) == (Exit.REFUSED, True)
    assert "to begin anew, remove out.part" in err
    (place / "out.part").unlink()
    vault.script.append(problem(400, "invalid_request"))
    assert export(vault, place)[0] is Exit.REFUSED
    assert not (place / "out.part").exists()


def test_a_file_that_came_to_be_meanwhile(vault: Service, place: Path) -> None:
    """Is not written over either; the part stays, for another name."""
    usual = vault.usual

    def comes(seen: Seen) -> Answer:
        (place / "out").write_text("mine")
        return usual(seen)

    vault.usual = comes
    end, _, _ = export(vault, place)
    assert (end, (place / "out").read_text(), (place / "out.part").exists()) == (Exit.USAGE, "mine", True)


def test_how_far_it_is_is_told() -> None:
    """Tokens, the share of the vault and how long it takes yet, from where this run took over."""
    now, shown = [0.0], io.StringIO()
    progress = Progress(shown, 1000, 0.25, terminal=True, clock=lambda: now[0])
    progress.tell(1100, 0, 0.3)
    now[0] = 60.0
    progress.tell(7000, 2, 0.5)
    progress.end()
    line = "7,000 tokens, 50% of the vault, 100 tokens/s, 2 min 00 s left, 2 failed"
    assert shown.getvalue() == f"\r{line}\n"


def test_two_runs_at_once(vault: Service, place: Path) -> None:
    """The second one is refused, and changes nothing."""
    with (place / "out.part").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        end, _, err = export(vault, place)
    assert (end, vault.seen) == (Exit.USAGE, [])
    assert "another run is at work" in err


def test_a_part_that_was_changed_is_noticed(vault: Service, place: Path) -> None:
    """Before the file has its name: the receipt counts something else."""
    usual, left = vault.usual, [3]

    def fails(seen: Seen) -> Answer:
        left[0] -= seen.path.endswith("/pages")
        return problem(500, "store_refused") if left[0] < 0 else usual(seen)

    vault.usual = fails
    export(vault, place)
    lines = (place / "out.part").read_text().splitlines(keepends=True)
    chunk = next(n for n, line in enumerate(lines) if "chunk" in line)
    (place / "out.part").write_text("".join([*lines[:chunk], *lines[chunk + 2 :]]))
    vault.usual = usual
    end, _, err = export(vault, place)
    assert (end, (place / "out").exists()) == (Exit.NOT_VERIFIED, False), err


def test_what_will_be_exported_is_shown_first(vault: Service, place: Path) -> None:
    """Types, purpose and fingerprint; nobody who does not say yes begins one."""
    end, out, _ = export(vault, place, "--dry-run")
    assert (end, vault.seen) == (Exit.OK, [])
    assert "types:      all that the client may use" in out
    terms = ("export", "run", "--to", str(place / "recipient.pub"), "--purpose", "moving")
    assert run(vault, *terms, "--dry-run")[:2] == (Exit.OK, out)
    end, _, err = run(vault, *terms, "--yes")
    assert (end, vault.seen) == (Exit.USAGE, [])
    assert "--out: the name of the file is needed, or --dry-run" in err
    end, _, err = export(vault, place, "--type", "text")
    assert (end, vault.seen) == (Exit.USAGE, [])
    assert "--yes" in err
    end, _, err = export(vault, place, "--type", "text", stdin="no\n", interactive=True)
    assert (end, vault.seen, (place / "out.part").exists()) == (Exit.USAGE, [], False)
    [shown] = run(vault, "export", "fingerprint", str(place / "recipient.pub"))[1].split()
    assert f"recipient:  {shown}" in err
    assert export(vault, place, "--type", "text", stdin="yes\n", interactive=True)[0] is Exit.OK


def test_the_budget_of_an_hour_is_waited_for(
    vault: Service, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the service says; any other refusal ends the run."""
    waited: list[float] = []
    monkeypatch.setattr(commands, "wait", lambda ended, seconds: waited.append(seconds))
    vault.script += [through_once(vault), problem(429, "budget_exceeded", retry_after="1800")]
    end, _, err = export(vault, place)
    assert (end, waited) == (Exit.OK, [1800.0]), err


def test_an_export_to_another_key_is_not_begun(vault: Service, place: Path) -> None:
    """A service that seals to somebody else is found out before a page is asked for."""
    usual = vault.usual
    other = pem(ec.generate_private_key(ec.SECP256R1()))

    def exchanges(seen: Seen) -> Answer:
        body = {**seen.body, "recipient": other} if seen.path == "/v1/exports" else seen.body
        return usual(Seen(seen.method, seen.path, seen.headers, json.dumps(body).encode()))

    vault.usual = exchanges
    end, _, _ = export(vault, place)
    assert (end, len(vault.seen)) == (Exit.NOT_VERIFIED, 1)

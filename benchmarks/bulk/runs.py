"""A tool from its start to its end: how long it took, what CPU, and how much memory at most."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.bulk import files

_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Run:
    """One run over `rows` rows."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def import_file(
    checkout: Path,
    environment: Mapping[str, str],
    source: Path,
    out: Path,
    *,
    rows: int,
    kind: str = "formatted",
    parallel: int = 8,
    until: Callable[[], bool] = lambda: False,
) -> Run:
    """`tokenvault import` of the card column; killed as soon as `until` holds."""
    mapped = source.with_suffix(".toml")
    mapped.write_text(files.MAP.format(kind=kind))
    arguments = ["import", str(source), "--map", str(mapped), "--out", str(out), "--parallel", str(parallel)]
    log = source.with_suffix(".log")
    return _run(_tool(checkout, arguments), _with(checkout, environment), None, log, rows, until)


def tokenize(checkout: Path, environment: Mapping[str, str], column: Path, out: Path, *, rows: int) -> Run:
    """`tokenvault tokenize` of the card column, a line a value."""
    command = _tool(checkout, ["tokenize", "--type", "formatted"])
    return _run(command, _with(checkout, environment), column, out, rows)


def ff3(python: Path, source: Path, out: Path, *, rows: int) -> Run:
    """The card column encrypted in place, without a vault."""
    script = Path(__file__).with_name("vaultless.py")
    return _run([str(python), str(script), str(source), str(out)], {}, None, out.with_suffix(".log"), rows)


def _tool(checkout: Path, arguments: Sequence[str]) -> list[str]:
    return [str(checkout / ".venv" / "bin" / "python"), "-m", "tokenvault_client", *arguments]


def _with(checkout: Path, environment: Mapping[str, str]) -> dict[str, str]:
    return {"PYTHONPATH": str(checkout / "clients" / "python" / "src"), **environment}


def _run(
    command: Sequence[str],
    environment: Mapping[str, str],
    stdin: Path | None,
    stdout: Path,
    rows: int,
    until: Callable[[], bool] = lambda: False,
) -> Run:
    """Raises `RuntimeError` if it fails by itself."""
    began, killed = time.perf_counter(), False
    with (stdin or Path(os.devnull)).open("rb") as given, stdout.open("wb") as printed:
        process = subprocess.Popen(
            command,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=given,
            stdout=printed,
            stderr=subprocess.PIPE,
        )
    peak, status, used = 0, 0, None
    while used is None:
        peak = max(peak, _peak_bytes(process.pid))
        if until() and not killed:
            process.kill()
            killed = True
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        used = usage if ended else None
        time.sleep(_LOOK_SECONDS)
    took, process.returncode = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    if process.returncode and not killed:
        raise RuntimeError(f"{command[3:4]} ended with {process.returncode}: {said[-500:].decode()}")
    return Run(rows, took, used.ru_utime + used.ru_stime, peak)


def _peak_bytes(pid: int) -> int:
    """The most memory that a process had so far (Linux); of one that has ended, none.

    What `wait4` says counts the process that started it, too.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    [line] = [line for line in lines if line.startswith("VmHWM")] or ["VmHWM: 0"]
    return int(line.split()[1]) * 1024

"""Imports through the tool, of files that tests write."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.client import tool
from tests.client.service import Answer, Seen, Service

_COMMIT_SECONDS = 0.3

CARD = '[columns.card]\ntype = "card_number"\n'


@dataclass(frozen=True)
class Files:
    """The files of an import, in a folder of its own."""

    folder: Path
    name: str = "in.csv"

    @property
    def source(self) -> Path:
        return self.folder / self.name

    @property
    def out(self) -> Path:
        return self.folder / f"out{self.source.suffix}"

    @property
    def made(self) -> str:
        """The output, its line ends as they are."""
        return self.out.read_bytes().decode()

    @property
    def journal(self) -> Path:
        return self.beside("journal")

    @property
    def bad_rows(self) -> list[Any]:
        path = self.beside("errors.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def commits(self) -> list[Any]:
        """What the journal notes of the output, the newest last."""
        lines = self.journal.read_bytes().splitlines(keepends=True) if self.journal.exists() else []
        return [json.loads(line) for line in lines[1:] if line.endswith(b"\n")]

    def beside(self, suffix: str) -> Path:
        return self.out.with_name(f"{self.out.name}.{suffix}")

    def write(self, content: str | bytes, mapped: str = CARD) -> None:
        self.source.write_bytes(content.encode() if isinstance(content, str) else content)
        (self.folder / "map.toml").write_text(mapped)

    def arguments(self, *more: str) -> list[str]:
        mapped = str(self.folder / "map.toml")
        return ["import", str(self.source), "--map", mapped, "--out", str(self.out), *more]


def run(service: Service, files: Files, *more: str) -> tool.Ended:
    """Runs the import to its end."""
    return tool.run(service.environment(), *files.arguments(*more))


def started(service: Service, files: Files, *more: str) -> subprocess.Popen[bytes]:
    """The import, running."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tool.SOURCE), **service.environment()}
    command = [sys.executable, "-m", "tokenvault_client", *files.arguments(*more)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def killed_behind(service: Service, files: Files, chunks: int) -> None:
    """Kills the import once its journal notes so many chunks; the next ones' requests wait for an answer."""
    usual, gone, before = service.usual, threading.Event(), len(files.commits)

    def answer(seen: Seen) -> Answer:
        chunk = int(seen.headers["Idempotency-Key"].rpartition("_")[2])
        if chunk >= chunks:
            gone.wait()
        if chunk == chunks - 1:
            # A run notes its first chunk at once, and what follows when a while has passed.
            while len(files.commits) == before:
                time.sleep(0.01)
            time.sleep(2 * _COMMIT_SECONDS)
        return usual(seen)

    service.usual = answer
    process = started(
        service, files, "--parallel", "1"
    )  # in order, so that none waits behind one without an answer
    while [commit["chunks"] for commit in files.commits[-1:]] != [chunks]:
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=60)
    gone.set()
    service.usual = usual
    assert process.returncode == -signal.SIGKILL


def keys(service: Service) -> Mapping[str, set[bytes]]:
    """The bodies that arrived under each idempotency key."""
    found: dict[str, set[bytes]] = {}
    for seen in service.seen:
        found.setdefault(seen.headers["Idempotency-Key"], set()).add(seen.raw)
    return found


def sent(service: Service) -> list[str]:
    """The values that arrived, each request's once."""
    bodies = [json.loads(raw) for raws in keys(service).values() for raw in raws]
    return [item["value"] for body in bodies for item in body["items"]]

"""A process that searches its parent's memory for secrets, and the parent's handle on it.

The parent never holds a needle: a secret goes from its buffer into a pipe, without a copy. Linux only, as
Lambda is: `/proc/PID/mem` (proc(5)).
"""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
SECRET_BYTES: Final = 32
NEEDLE_BYTES: Final = 16
"""A secret's second half is searched: an allocator may write into the first bytes of what was freed."""
CHUNK_BYTES: Final = 1 << 24
PR_SET_PTRACER: Final = 0x59616D61
ANY_PROCESS: Final = ctypes.c_ulong(-1).value


class Reader:
    """What a test tells the other process, and what that finds."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def look_for(self, secret: bytearray) -> None:
        """A secret to search for from now on: from its buffer into the pipe."""
        os.writev(self._to, [b"S", secret])

    def found(self) -> list[int]:
        """How often each secret so far stands in this process's memory."""
        os.write(self._to, b"?")
        assert self._process.stdout is not None
        counts: list[int] = json.loads(self._process.stdout.readline())
        return counts

    @property
    def _to(self) -> int:
        assert self._process.stdin is not None
        return self._process.stdin.fileno()


@contextmanager
def reader() -> Iterator[Reader]:
    """A child that reads this process's memory, for as long as the context lasts."""
    libc = ctypes.CDLL(None)
    # Where the Yama module lets only parents read their children, this asks it to let a child read us.
    libc.prctl(PR_SET_PTRACER, ANY_PROCESS, 0, 0, 0)
    command = [sys.executable, "-m", "tests.support.memory_reader"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:
        try:
            yield Reader(process)
        finally:
            libc.prctl(PR_SET_PTRACER, 0, 0, 0, 0)
            assert process.stdin is not None
            process.stdin.close()


def main() -> None:
    parent, needles = os.getppid(), list[bytes]()
    while command := sys.stdin.buffer.read(1):
        if command == b"S":
            needles.append(sys.stdin.buffer.read(SECRET_BYTES)[-NEEDLE_BYTES:])
        else:
            print(json.dumps(count(parent, needles)), flush=True)


def count(process: int, needles: list[bytes]) -> list[int]:
    """How often each stands in what the process can write to."""
    counts = [0] * len(needles)
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for start, end in writable(process):
            for place in range(start, end, CHUNK_BYTES):
                chunk = read(memory.fileno(), place, min(CHUNK_BYTES + NEEDLE_BYTES - 1, end - place))
                counts = [
                    so_far + chunk.count(needle) for so_far, needle in zip(counts, needles, strict=True)
                ]
    return counts


def read(memory: int, place: int, size: int) -> bytes:
    """Nothing where a mapping has gone meanwhile."""
    try:
        return os.pread(memory, size, place)
    except OSError:
        return b""


def writable(process: int) -> Iterator[tuple[int, int]]:
    """The mappings that a process can read and write."""
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("rw"):
            start, end = span.split("-")
            yield int(start, 16), int(end, 16)


if __name__ == "__main__":
    main()

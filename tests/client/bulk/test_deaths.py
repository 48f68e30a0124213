"""The import dies before each step that it takes on the disk, and is gone on with."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.client import tool
from tests.client.bulk import dying
from tests.client.bulk.imports import Files, keys, run
from tests.client.service import Service

VALUES = [f"{n:04}" for n in range(250)]
ROOT = Path(dying.__file__).resolve().parents[3]


def prepare(files: Files) -> None:
    files.write("card\n" + "".join(f"{value}\n" for value in VALUES))
    if files.source.suffix == ".parquet":
        parquet.write_table(pa.table({"card": VALUES}), files.source)


def made(files: Files) -> list[str]:
    if files.source.suffix == ".parquet":
        return parquet.read_table(files.out)["card"].to_pylist()
    return files.made.splitlines()[1:]


def died(service: Service, files: Files, step: int) -> int:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tool.SOURCE}:{ROOT}", **service.environment()}
    command = [sys.executable, "-m", dying.__name__, str(step), *files.arguments()]
    return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode


@pytest.mark.parametrize("name", ["in.csv", "in.parquet"])
def test_a_death_before_any_step_loses_nothing(service: Service, tmp_path: Path, name: str) -> None:
    """Between output and journal, between journal and name: the same command ends with the same output."""
    codes = []
    while not codes or codes[-1] == 9:
        folder = tmp_path / str(len(codes))
        folder.mkdir()
        files = Files(folder, name)
        prepare(files)
        service.seen.clear()
        codes.append(died(service, files, len(codes)))
        if not files.out.exists() or files.journal.exists():
            assert run(service, files).code == 0
        assert made(files) == [value[::-1] for value in VALUES]
        assert all(len(bodies) == 1 for bodies in keys(service).values())
        assert len(keys(service)) == 3
        assert sorted(folder.iterdir()) == [files.source, folder / "map.toml", files.out]
    assert codes[-1] == 0
    assert len(codes) > 8

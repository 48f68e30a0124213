"""The layer with pyarrow: as much as imports Parquet, as small as Lambda wants it, and always the same."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.infrastructure.conftest import ROOT

UNZIPPED = 250 * 1024 * 1024
"""Bytes of a function and its layers: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

UPLOADED = 50 * 1024 * 1024
"""Bytes of a zip that is handed to Lambda without S3."""

READ = """
import io, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
import pyarrow
from pyarrow import parquet
from tokenvault_client.bulk.mapping import read_map
from tokenvault_client.bulk.parquet import ParquetFile

assert pyarrow.__file__.startswith(sys.argv[1]), pyarrow.__file__
folder, mapped = Path(sys.argv[3]), read_map(b'[columns.text]\\ntype = "text"\\n')
table = pyarrow.table({"id": [1, 2, 3], "text": ["a", None, "c"]})
for codec in ("none", "snappy", "gzip", "brotli", "zstd"):
    given, lists = folder / f"{codec}.parquet", folder / f"{codec}.part"
    parquet.write_table(table, given, compression=codec)
    source = ParquetFile(given, mapped)
    assert [len(row.cells) for row in source.rows(source.start)] == [1, 0, 1]
    lists.write_bytes(b'["t1"]\\n[null]\\n["t3"]\\n')
    made = parquet.read_table(source.finished(lists))
    assert made.column("text").to_pylist() == ["t1", None, "t3"]
print("read and written")
"""


def built(stage: str, out: Path, **environment: str) -> Path:
    """The layer of a stage, without compiled files, which any Python makes."""
    script = ROOT / "terraform/packaging/parquet_layer.py"
    command = [sys.executable, script, "--stage", stage, "--uncompiled", "--out", out]
    subprocess.run(command, check=True, cwd=out, env={**os.environ, **environment})
    return out / "parquet-layer.zip"


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer for Lambda."""
    return built("aws", tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for the machine that runs the tests."""
    return built("host", tmp_path_factory.mktemp("host"))


def test_lambda_takes_it(layer: Path) -> None:
    """With the functions' own package beside it, and handed over without a bucket."""
    unzipped = sum(entry.file_size for entry in zipfile.ZipFile(layer).infolist())
    assert unzipped <= UNZIPPED - 30 * 1024 * 1024
    assert layer.stat().st_size <= UPLOADED
    page = (ROOT / "docs/bulk.md").read_text()
    assert f"{round(unzipped / 1e6)} of its 156 MB" in page


def test_it_is_for_the_functions_runtime(layer: Path, host: Path) -> None:
    """Native code of arm64 and Python 3.13, under the folder that Lambda looks in; the same files as here."""
    names = zipfile.ZipFile(layer).namelist()
    assert {name.partition("/")[0] for name in names} == {"python"}
    extensions = [name for name in names if re.search(r"\.cpython-[^/]+\.so$", name)]
    assert extensions
    assert all(name.endswith(".cpython-313-aarch64-linux-gnu.so") for name in extensions)

    def whatever(name: str) -> str:
        return re.sub(r"\.cpython-[^/]+\.so$", ".so", name)

    assert {whatever(name) for name in names} == {whatever(n) for n in zipfile.ZipFile(host).namelist()}
    assert any(name.endswith("LICENSE.txt") for name in names)


def test_it_reads_and_writes_parquet(host: Path, tmp_path: Path) -> None:
    """All codecs of an import, with nothing of this machine beside it."""
    zipfile.ZipFile(host).extractall(tmp_path / "layer")
    paths = [str(tmp_path / "layer" / "python"), str(ROOT / "clients/python/src"), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", READ, *paths],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "read and written\n", done.stderr


def test_it_is_the_same_bytes_again(layer: Path, tmp_path: Path) -> None:
    """From another folder, in another time zone and language, with other hashes."""
    again = built("aws", tmp_path, TZ="Asia/Kathmandu", LC_ALL="C", PYTHONHASHSEED="7")
    assert again.read_bytes() == layer.read_bytes()


def test_it_is_the_release_that_is_tested() -> None:
    """The lock, and what the tests of Parquet run with, are one."""
    [pinned] = re.findall(r"^pyarrow==\S+", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    lock = (ROOT / "terraform/packaging/parquet.lock").read_text()
    assert re.findall(r"^[\w.-]+==\S+", lock, re.MULTILINE) == [pinned]

"""The package of a commit is the same bytes, whoever builds it, where and when."""

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
import zlib
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

import pytest

from tests.infrastructure.conftest import ROOT, build

from fixed import environment, pip_environment  # isort: skip  # conftest makes these importable
from interpreter import RELEASE, MissingInterpreterError, pinned  # isort: skip  # likewise
from zipped import zipped  # isort: skip  # likewise

MAGIC_OF_3_13 = (3571).to_bytes(2, "little") + b"\r\n"
"""https://github.com/python/cpython/blob/3.13/Include/internal/pycore_magic_number.h"""

COMPARE = """
import asyncio, dataclasses, decimal, email.mime.text, http.server, json, logging.config, sys, typing
import unittest.mock, zipfile
from importlib.util import cache_from_source
sys.path.append(sys.argv[1])
from compiled import compiled

package = zipfile.ZipFile(sys.argv[2])
sources = [name for name in package.namelist() if name.endswith(".py")]
print(json.dumps([n for n in sources if compiled(n, package.read(n)) != package.read(cache_from_source(n))]))
"""

PACKAGED = ("chalicelib", "terraform/packaging", "app.py", "requirements.lock", ".chalice/config.json")


def checkout(folder: Path) -> Path:
    """A copy of what the build reads, made now."""
    for name in PACKAGED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def another_builder(home: Path) -> dict[str, str]:
    """Another person's settings, each of which once changed the package or could."""
    home.mkdir()
    (home / "constraints.txt").write_text("botocore==1.44.5\nurllib3<2.6\n")
    (home / "pip.conf").write_text(f"[global]\nconstraint = {home / 'constraints.txt'}\nno-binary = :all:\n")
    return {
        "AWS_PROFILE": "nowhere",
        "LC_ALL": "tr_TR.ISO-8859-9",
        "PIP_CONFIG_FILE": str(home / "pip.conf"),
        "PIP_CONSTRAINT": str(home / "constraints.txt"),
        "PYTHONHASHSEED": "77",
        "PYTHONOPTIMIZE": "2",
        "SOURCE_DATE_EPOCH": "1",
        "TZ": "Pacific/Chatham",
    }


def test_the_same_commit_is_the_same_bytes(aws_package: Path, tmp_path: Path) -> None:
    """In another directory, with another umask and other settings, it gives the same zip and Terraform."""
    out = tmp_path / "out"
    out.mkdir()
    copy, settings = checkout(tmp_path / "another checkout"), another_builder(tmp_path / "home")
    (copy / "chalicelib" / ".DS_Store").write_bytes(b"left by a desktop")
    again = build("aws", out, copy, settings, umask=0o077)
    for name in ("deployment.zip", "chalice.tf.json"):
        assert (aws_package / name).read_bytes() == (again / name).read_bytes(), name


def test_another_python_is_refused_for_aws(tmp_path: Path) -> None:
    """One sentence says which Python compiles and how to get it, and nothing is written."""
    copy, out = checkout(tmp_path / "checkout"), tmp_path / "out"
    source = copy / "terraform/packaging/interpreter.py"
    source.write_text(source.read_text().replace(f'"{RELEASE}"', '"3.13.999"'))
    command = [sys.executable, copy / "terraform/packaging/build.py", "--stage", "aws", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "CPython 3.13.999" in done.stderr
    assert "`uv python install 3.13.999`" in done.stderr
    assert not out.exists()


def test_a_python_is_taken_for_what_it_says_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for its name: another release, or a shim that does not start, is no candidate."""
    told = json.dumps(["/older", "CPython", "3.13.7", ""])
    for folder, answer in (("shim", "exit 127"), ("older", f"echo '{told}'")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "python3.13").write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / folder / "python3.13").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shim'}{os.pathsep}{tmp_path / 'older'}")
    assert pinned("3.13.7") == "/older"
    with pytest.raises(MissingInterpreterError):
        pinned("3.13.8")


def test_functions_run_on_one_runtime(aws_package: Path) -> None:
    """Python 3.13 on arm64, whichever Python ran the build."""
    document = json.loads((aws_package / "chalice.tf.json").read_text())
    functions = document["resource"]["aws_lambda_function"].values()
    assert {(function["runtime"], *function["architectures"]) for function in functions} == {
        ("python3.13", "arm64")
    }


def test_every_module_comes_compiled_for_the_runtime(aws_package: Path) -> None:
    """Named as Python 3.13 looks for it, in its form, and believed without a look at the source."""
    package = zipfile.ZipFile(aws_package / "deployment.zip")
    names = package.namelist()
    expected = {cache_from_source(n, optimization="") for n in names if n.endswith(".py")}
    files = {name for name in names if name.endswith(".pyc")}
    tag = sys.implementation.cache_tag
    assert files == {name.replace(f".{tag}.pyc", ".cpython-313.pyc") for name in expected}
    assert {package.read(name)[:8] for name in files} == {MAGIC_OF_3_13 + b"\1\0\0\0"}


def test_every_module_comes_compiled(host_package: Path) -> None:
    """Nothing is compiled at a cold start, and what was compiled is what stands beside it."""
    package = zipfile.ZipFile(host_package / "deployment.zip")
    names = set(package.namelist())
    sources = {name for name in names if name.endswith(".py")}
    assert {cache_from_source(name, optimization="") for name in sources} == {
        name for name in names if name.endswith(".pyc")
    }
    for name in sources:
        head = package.read(cache_from_source(name, optimization=""))[:16]
        assert head == MAGIC_NUMBER + b"\1\0\0\0" + source_hash(package.read(name)), name


def test_what_a_process_holds_does_not_show_in_what_it_compiles(aws_package: Path) -> None:
    """With half of the standard library imported, which shares names, the pinned Python compiles the same."""
    command = [pinned(), "-c", COMPARE, ROOT / "terraform/packaging", aws_package / "deployment.zip"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == []


def test_a_zip_is_read_by_others_and_knows_no_time(tmp_path: Path) -> None:
    """Python's reader gives back every entry, with its name, its mode and one time, in the order of names."""
    noise = random.Random(1).randbytes(70_000)  # does not compress
    entries = {"b.py": b"", "a/ä.json": b"{}" * 40_000, "a/noise": noise}
    (tmp_path / "it.zip").write_bytes(zipped(entries))
    with zipfile.ZipFile(tmp_path / "it.zip") as read:
        assert read.namelist() == sorted(entries)
        assert {info.date_time for info in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in read.infolist()} == {0o100644}
        assert {name: read.read(name) for name in entries} == entries
        assert all(zlib.crc32(entries[info.filename]) == info.CRC for info in read.infolist())


def test_an_index_is_the_builders_and_what_is_fetched_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror, a proxy and a certificate reach pip; constraints, formats and Python's settings do not."""
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/simple\nproxy = http://proxy.example:3128\n"
        "constraint = /constraints.txt\n[download]\nno-binary = :all:\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_CERT", "/authority.pem")
    monkeypatch.setenv("PIP_PRE", "1")
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    made = pip_environment()
    assert made["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert made["PIP_PROXY"] == "http://proxy.example:3128"
    assert made["PIP_CERT"] == "/authority.pem"
    assert made["PIP_CONFIG_FILE"] == os.devnull
    assert not {"PIP_CONSTRAINT", "PIP_NO_BINARY", "PIP_PRE", "PYTHONOPTIMIZE"} & set(made)


def test_nothing_of_an_account_or_a_locale_reaches_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist, keys, an endpoint and a language of the builder's are not passed on."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "LANG", "LC_CTYPE", "PYTHONPATH"):
        monkeypatch.setenv(name, "theirs")
    assert "theirs" not in environment().values()

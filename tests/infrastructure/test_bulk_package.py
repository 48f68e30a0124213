"""What the functions of the module `bulk` are deployed with: nothing of the service."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.infrastructure.conftest import ROOT

IMPORT = """
import sys
sys.path.insert(0, sys.argv[1])
from bulklib import export_functions, functions
print(all(map(callable, (functions.files, functions.part, export_functions.carry))))
functions._taker()
export_functions._carrier()
export_functions._files()
"""
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TOKENVAULT_BULK_PARALLEL": "8",
} | {
    f"TOKENVAULT_BULK_{name}": "x"
    for name in (
        "BUCKET",
        "ACCOUNT",
        "CLIENT",
        "KMS_KEY_ARN",
        "INPUT_PREFIX",
        "OUTPUT_PREFIX",
        "FUNCTION",
        "UNDER_WAY_PREFIX",
    )
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for the machine that runs the tests."""
    out = tmp_path_factory.mktemp("bulk")
    script = ROOT / "terraform/packaging/bulk.py"
    command = [sys.executable, script, "--stage", "host", "--uncompiled", "--out", out]
    subprocess.run(command, check=True, cwd=out)
    return out / "bulk.zip"


def test_nothing_of_the_service_is_inside(package: Path) -> None:
    """What reads files that others made holds no code that could use a key, nor the libraries for it."""
    names = zipfile.ZipFile(package).namelist()
    top = {name.split("/")[0] for name in names}
    assert {"bulklib", "tokenvault_client", "boto3", "botocore"} <= top
    assert not top & {"chalicelib", "app.py", "cryptography", "dynamodb_encryption_sdk", "local", "tests"}
    described = {name.split("/")[2] for name in names if re.fullmatch(r"botocore/data/\w+/.+/.+", name)}
    assert described == {"lambda", "s3"}
    assert package.stat().st_size <= 5 * 1024 * 1024


def test_the_functions_start_in_an_empty_environment(package: Path, tmp_path: Path) -> None:
    """With what Terraform sets, and without anything of this machine."""
    zipfile.ZipFile(package).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT, str(tmp_path)],
        env=ENVIRONMENT,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr

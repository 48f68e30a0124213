"""What is deployed: nothing that does not belong, for the right machine, and it runs."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.conftest import ROOT
from tests.support.events import event

AARCH64 = 183
"""`e_machine` of 64-bit ARM: https://github.com/ARM-software/abi-aa/blob/main/aaelf64/aaelf64.rst"""

ANSWER = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].split(".")
handler = getattr(importlib.import_module(module), name)
print(json.dumps([handler(json.loads(line), None) for line in sys.stdin]))
"""

CALL = """
import sys
sys.path.insert(0, sys.argv[1])
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from chalicelib.aws import clients

try:
    once = Config(retries={"total_max_attempts": 1})
    client = clients.client(sys.argv[2], "us-east-1", once, fast_path=True)
    {"s3": lambda: client.put_object(Bucket="archive", Key="key", Body=b"", ChecksumAlgorithm="SHA256"),
     "dynamodb": lambda: client.get_item(TableName="vault", Key={"pk": {"S": "x"}}),
     "kms": lambda: client.decrypt(KeyId="key", CiphertextBlob=b"x")}[sys.argv[2]]()
except EndpointConnectionError:
    print("sent")
"""
NOBODY_LISTENS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def test_only_the_app_and_its_libraries_are_inside(aws_package: Path) -> None:
    """No tests, no local stack, no Terraform, no settings of a developer's."""
    names = zipfile.ZipFile(aws_package / "deployment.zip").namelist()
    top = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "cryptography", "dynamodb_encryption_sdk"} <= top
    assert not top & {
        "tests",
        "local",
        "terraform",
        "docs",
        ".chalice",
        ".local",
        ".venv",
        "moto",
        "pytest",
        "requirements.txt",
    }
    assert not [name for name in names if name.endswith((".env", ".tfvars", ".tfstate"))]


def test_the_services_that_the_app_uses_are_described_and_no_others(host_package: Path) -> None:
    """A client of a service that was trimmed away would fail in AWS only, so it fails here."""
    calls = [
        call
        for source in ROOT.glob("chalicelib/**/*.py")
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in ("client", "aws_client")
    ]
    named = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
    names = zipfile.ZipFile(host_package / "deployment.zip").namelist()
    described = {name.split("/")[2] for name in names if re.fullmatch(r"botocore/data/\w+/.+/.+", name)}
    assert described == named == {"dynamodb", "kms", "s3"}


def test_the_package_stays_small(aws_package: Path) -> None:
    """The zip is at most 15 MB: what a cold start has to fetch."""
    assert (aws_package / "deployment.zip").stat().st_size <= 15 * 1024 * 1024


def test_every_native_library_is_for_arm(aws_package: Path) -> None:
    """What the functions load runs on the processor that they are deployed to."""
    package = zipfile.ZipFile(aws_package / "deployment.zip")
    machines = {}
    for name in package.namelist():
        head = package.read(name)[:20]
        if head.startswith(b"\x7fELF"):
            machines[name] = int.from_bytes(head[18:20], "little")
    assert len(machines) >= 3
    assert set(machines.values()) == {AARCH64}, machines


@pytest.fixture(scope="module")
def unzipped(host_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package in an empty folder."""
    folder = tmp_path_factory.mktemp("unzipped")
    zipfile.ZipFile(host_package / "deployment.zip").extractall(folder)
    return folder


def answers(unzipped: Path, handler: str, events: list[Any], environment: dict[str, str]) -> list[Any]:
    """What a fresh interpreter answers that sees the package, this environment, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ANSWER, str(unzipped), handler],
        input="".join(json.dumps(one) + "\n" for one in events),
        env=environment,
        cwd=unzipped,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("service", ["dynamodb", "kms", "s3"])
def test_the_packaged_clients_send(unzipped: Path, service: str) -> None:
    """A call gets as far as the network with what was left of the service's description."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", CALL, str(unzipped), service],
        env=NOBODY_LISTENS,
        cwd=unzipped,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "sent\n", done.stderr


@pytest.mark.parametrize("handler", ["app.app", "app.reveal"])
def test_the_package_answers_in_an_empty_environment(unzipped: Path, handler: str) -> None:
    """Both functions import and answer an event with nothing set: health, and 401 for the rest."""
    routes = [
        event("GET", "/v1/health"),
        event("POST", "/v1/tokenize", {}),
        event("POST", "/v1/detokenize", {}),
    ]
    health, *others = answers(unzipped, handler, routes, {})
    assert (health["statusCode"], json.loads(health["body"])) == (200, {"status": "ok"})
    for answer in others:
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "unauthenticated")


def test_no_function_is_restored_from_a_snapshot(aws_package: Path) -> None:
    """SnapStart would restore one state of a random generator many times (ADR 6): it is not offered."""
    terraform = [aws_package / "chalice.tf.json", *(ROOT / "terraform").rglob("*.tf")]
    assert len(terraform) > 20
    assert [path.name for path in terraform if "snap_start" in path.read_text()] == []
    assert "snap" not in (ROOT / ".chalice" / "config.json").read_text().lower()

"""No signature, repr or docstring of client and service holds anything of the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import tool

ROOT = Path(__file__).resolve().parents[2]
SENTINEL = "sentinel-of-the-environment"
NAMES = (
    "TOKENVAULT_CLIENT_SECRET",
    "TOKENVAULT_API_KEY",
    "TOKENVAULT_POLICY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "HTTPS_PROXY",
    "SOME_PASSWORD",
)


def walk(source: str | None = None) -> subprocess.CompletedProcess[str]:
    """What is shown of both packages, and of `source` put before them, in an environment full of secrets."""
    paths = [*([source] if source else []), str(tool.SOURCE), str(ROOT)]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(paths),
        "AWS_DEFAULT_REGION": "eu-central-1",
        **{name: f"http://{SENTINEL}:1" if name == "HTTPS_PROXY" else SENTINEL for name in NAMES},
    }
    command = [sys.executable, "-m", "tests.client.walk_signatures"]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_no_secret_stands_in_a_signature_a_repr_or_a_docstring() -> None:
    """`help(Client)`, `inspect.signature` and documentation generators print default values."""
    done = walk()
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.splitlines()[-1]) > 3000
    assert "class Client" in done.stdout
    assert "from_env(" in done.stdout
    assert "class TokenVaultApi" in done.stdout or "chalicelib.wiring" in done.stdout
    assert SENTINEL not in done.stdout


@pytest.mark.parametrize(
    "leak",
    [
        "def f(environment=os.environ): ...",
        "class C:\n    @classmethod\n    def f(cls, *, environment=dict(os.environ)): ...",
        "COPY = os.environ['SOME_PASSWORD']",
        "def f(): ...\nf.__doc__ = os.environ['SOME_PASSWORD']",
    ],
)
def test_the_walk_finds_a_leak(tmp_path: Path, leak: str) -> None:
    """In a default value, of a function or a method; in a value of a module; in a docstring."""
    package = tmp_path / "tokenvault_client"
    package.mkdir()
    (package / "__init__.py").write_text("import os\n" + leak.replace("dict(os", "dict(__import__('os')"))
    done = walk(str(tmp_path))
    assert SENTINEL in done.stdout

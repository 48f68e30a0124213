"""The distribution: what it needs, and that it works where nothing else is installed."""

import ast
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from tokenvault_client.version import VERSION

ROOT = Path(__file__).resolve().parents[2] / "clients" / "python"
SOURCES = sorted((ROOT / "src").rglob("*.py"))
EXTRAS = {
    # a module that needs an extra: what it may import beside the standard library
    "receipts.py": {"cryptography"},
    "unsealing.py": {"cryptography"},
    "aws.py": {"boto3", "botocore"},
    "app_clients.py": {"botocore"},
    "functions.py": {"botocore"},
    "parquet.py": {"pyarrow"},
    "transport.py": {"httpx"},
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: str(s.relative_to(ROOT)))
def test_it_needs_the_standard_library_only(source: Path) -> None:
    """An application takes in nothing else with it; what checks signatures is an extra."""
    nodes = list(ast.walk(ast.parse(source.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    others = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"tokenvault_client"}
    assert others <= EXTRAS.get(source.name, set())


def test_the_version_is_one() -> None:
    """What a request says and what pip says."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_the_built_wheel_runs_in_a_fresh_environment(tmp_path: Path) -> None:
    """Types come along, the command works without any extra, and says what an extra is needed for."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    [wheel] = tmp_path.glob("tokenvault_client-*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        [*pip, "--python", str(python), "install", "--quiet", "--no-index", str(wheel)], check=True
    )

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        where = {"cwd": tmp_path, "env": {"PATH": ""}, "capture_output": True, "text": True}
        return subprocess.run([str(python.parent / command[0]), *command[1:]], check=False, **where)

    told = run("tokenvault", "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert "detokenize" in told.stdout
    assert run("tokenvault", "--version").stdout == f"tokenvault {VERSION}\n"
    assert "pip install cryptography" in run("python", "-c", "import tokenvault_client.receipts").stderr
    assert "pip install httpx" in run("python", "-c", "import tokenvault_client.aio").stderr
    assert list((tmp_path / "env").rglob("tokenvault_client/py.typed"))

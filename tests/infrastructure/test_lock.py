"""Every library of the package is locked by hash, and the same releases are tested here."""

import re
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.infrastructure.conftest import ROOT

LAMBDA = {
    **default_environment(),
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
    "extra": "",
}
"""Where the libraries run, for the markers of what they require."""

CHALICE = {"chalice/__init__.py", "chalice/app.py"}


def pins(name: str) -> dict[str, str]:
    """The releases that a file of requirements pins, by the name of their package."""
    text = re.sub(r"^\s*#.*$", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {
        canonicalize_name(package): release
        for package, release in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    }


@pytest.fixture(scope="module")
def package(host_package: Path) -> zipfile.ZipFile:
    """The zip. Its libraries are of the same releases in both stages, from the same lock."""
    return zipfile.ZipFile(host_package / "deployment.zip")


def described(package: zipfile.ZipFile) -> Iterator[tuple[str, str, list[Requirement]]]:
    """Name, release and requirements of each library, as its own metadata tells."""
    for name in package.namelist():
        if name.endswith(".dist-info/METADATA"):
            told = BytesParser().parsebytes(package.read(name), headersonly=True)
            needed = [Requirement(line) for line in told.get_all("Requires-Dist", [])]
            yield canonicalize_name(told["Name"]), told["Version"], needed


def test_every_package_in_the_zip_is_in_the_lock(package: zipfile.ZipFile) -> None:
    """By its release, and nothing locked is missing. Of Chalice two files are taken, without metadata."""
    found = {name: release for name, release, _ in described(package)}
    locked = pins("requirements.lock")
    assert found == {name: release for name, release in locked.items() if name != "chalice"}
    assert set(package.namelist()) >= CHALICE


def test_every_file_in_the_zip_is_ours_or_of_a_locked_library(package: zipfile.ZipFile) -> None:
    """Each stands in a library's own list of files, except what we write and what we compile."""
    records = [name for name in package.namelist() if name.endswith(".dist-info/RECORD")]
    recorded = {line.split(",")[0] for name in records for line in package.read(name).decode().splitlines()}
    unpacked = {name.removesuffix(".gz") for name in recorded}
    strangers = {
        name
        for name in package.namelist()
        if not name.startswith("chalicelib/")
        and not name.endswith(".pyc")
        and name not in recorded | unpacked
    }
    assert strangers == {"app.py"} | CHALICE


def test_every_line_of_the_lock_is_one_release_by_hash() -> None:
    """No marker, which pip would decide by the Python that builds, no address, and a hash for each."""
    lines = re.sub(r"\\\n", "", (ROOT / "requirements.lock").read_text()).splitlines()
    locked = [line for line in lines if line and not line.startswith("#")]
    assert len(locked) >= 15
    for line in locked:
        assert re.fullmatch(r"[\w.-]+==[\w.]+(\s+--hash=sha256:[0-9a-f]{64})+", line), line.split(" ")[0]


def test_the_lock_is_what_the_requirements_ask_for(package: zipfile.ZipFile) -> None:
    """Our direct pins, Chalice's release, what they need on Lambda, and nothing else."""
    locked, direct = pins("requirements.lock"), pins("requirements.txt")
    assert direct.items() <= locked.items()
    assert locked["chalice"] == pins("requirements-dev.txt")["chalice"]
    needed = {
        canonicalize_name(requirement.name): requirement
        for _, _, requirements in described(package)
        for requirement in requirements
        if not requirement.marker or requirement.marker.evaluate(LAMBDA)
    }
    assert set(locked) == set(direct) | set(needed) | {"chalice"}
    for name, requirement in needed.items():
        assert requirement.specifier.contains(locked[name]), f"{requirement} is {locked[name]}"


def test_what_is_tested_is_what_is_packaged() -> None:
    """The releases that are installed here are the lock's; `make` installs them so."""
    locked = pins("requirements.lock")
    assert {name: metadata.version(name) for name in locked} == locked

"""Where Terraform gets its AWS provider from: the registry, or a mirror where that cannot be reached."""

import os
import socket
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

REGISTRY: Final = "registry.terraform.io"
PROVIDER: Final = Path(REGISTRY, "hashicorp", "aws")
REACH_SECONDS: Final = 3
SEARCH_SECONDS: Final = 30
SEARCH_DEPTH: Final = 7
_NOT_SEARCHED: Final = frozenset(
    {"proc", "sys", "dev", "run", "node_modules", ".git", "site-packages", ".terraform"}
)


def find_mirror(environment: Mapping[str, str], memory: Path) -> Path | None:
    """The folder to hand to `terraform init -plugin-dir`, or None where Terraform finds its way by itself.

    Looked for in this order: `TF_PLUGIN_MIRROR`, Terraform's CLI configuration, its implied mirror
    folders, what was found last time, the registry, and a bounded search of the disk. Raises
    `FileNotFoundError` where there is nothing.
    """
    if named := environment.get("TF_PLUGIN_MIRROR"):
        if not _holds(Path(named)):
            raise FileNotFoundError(f"TF_PLUGIN_MIRROR is set, but there is no {PROVIDER} below it.")
        return Path(named)
    if configured(environment) or any(map(_holds, implied(environment))):
        return None
    if memory.is_file() and _holds(remembered := Path(memory.read_text().strip())):
        return remembered
    if reachable():
        return None
    found = search(Path(os.sep), time.monotonic() + SEARCH_SECONDS)
    if found is None:
        raise FileNotFoundError(
            f"{REGISTRY} cannot be reached, and no mirror of {PROVIDER} was found on this disk. "
            "Go online, or make one with `terraform providers mirror` and name it in TF_PLUGIN_MIRROR."
        )
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(f"{found}\n")
    return found


def _holds(folder: Path) -> bool:
    return (folder / PROVIDER).is_dir()


def configured(environment: Mapping[str, str]) -> bool:
    """Whether Terraform's CLI configuration says where providers come from.

    https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
    """
    home = Path(environment.get("HOME", "~")).expanduser()
    file = Path(environment.get("TF_CLI_CONFIG_FILE", home / ".terraformrc"))
    return file.is_file() and "provider_installation" in file.read_text(errors="replace")


def implied(environment: Mapping[str, str]) -> Iterable[Path]:
    """The folders that Terraform looks into without being told.

    https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    """
    home = Path(environment.get("HOME", "~")).expanduser()
    data = Path(environment.get("XDG_DATA_HOME", home / ".local" / "share"))
    shared = [
        Path(folder) for folder in environment.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    ]
    mac = home / "Library" / "Application Support" / "io.terraform" / "plugins"
    return [
        home / ".terraform.d" / "plugins",
        mac,
        *(folder / "terraform" / "plugins" for folder in (data, *shared)),
    ]


def reachable() -> bool:
    """Whether the registry answers within a few seconds."""
    try:
        with socket.create_connection((REGISTRY, 443), timeout=REACH_SECONDS):
            return True
    except OSError:
        return False


def search(root: Path, deadline: float) -> Path | None:
    """A folder on this disk that holds a mirror of the provider: breadth first, on one file system."""
    device = root.stat().st_dev
    left = deque([(root, 0)])
    while left and time.monotonic() < deadline:
        folder, depth = left.popleft()
        if _holds(folder):
            return folder
        if depth < SEARCH_DEPTH:
            left.extend((below, depth + 1) for below in _folders(folder, device))
    return None


def _folders(folder: Path, device: int) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.name not in _NOT_SEARCHED
                and entry.is_dir(follow_symlinks=False)
                and entry.stat(follow_symlinks=False).st_dev == device
            ]
    except OSError:
        return []

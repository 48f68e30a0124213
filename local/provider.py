"""Where Terraform gets its AWS provider from: the registry, or a mirror where that cannot be reached."""

import base64
import http.client
import os
import socket
import time
from collections import deque
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from local.errors import NoTerraformError, StepError

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
    `NoTerraformError` where there is nothing, and `StepError` where `TF_PLUGIN_MIRROR` names no mirror.
    """
    if named := environment.get("TF_PLUGIN_MIRROR"):
        if not _holds(Path(named)):
            raise StepError(f"TF_PLUGIN_MIRROR is set, but there is no {PROVIDER} below it.")
        return Path(named)
    if configured(environment) or any(map(_holds, implied(environment))):
        return None
    if memory.is_file() and _holds(remembered := Path(memory.read_text().strip())):
        return remembered
    if reachable(environment):
        return None
    found = _on_this_disk()
    if found is None:
        raise NoTerraformError(
            f"{REGISTRY} cannot be reached, and no mirror of {PROVIDER} was found on this disk. "
            "Go online (HTTPS_PROXY names a proxy), or make a mirror with `terraform providers mirror` and "
            "name it in TF_PLUGIN_MIRROR."
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
    return file.is_file() and "provider_installation" in file.read_text(encoding="utf-8", errors="replace")


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


def reachable(environment: Mapping[str, str]) -> bool:
    """Whether the registry answers within a few seconds, through the proxy that Terraform would use."""
    proxy = _proxy(environment)
    try:
        if proxy is not None:
            return _opens_tunnel(proxy)
        with socket.create_connection((REGISTRY, 443), timeout=REACH_SECONDS):
            return True
    except (OSError, http.client.HTTPException):
        return False


def _proxy(environment: Mapping[str, str]) -> SplitResult | None:
    """The proxy for the registry. https://pkg.go.dev/net/http#ProxyFromEnvironment has the names."""
    named = environment.get("HTTPS_PROXY") or environment.get("https_proxy")
    passed_by = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    hosts = [host.strip().lstrip("*.") for host in passed_by.split(",")]
    if not named or "*" in passed_by.split(",") or any(h and f".{REGISTRY}".endswith(f".{h}") for h in hosts):
        return None
    return urlsplit(named if "//" in named else f"http://{named}")


def _opens_tunnel(proxy: SplitResult) -> bool:
    """Whether a proxy connects us to the registry; of one that speaks TLS we only see that it is there."""
    host, port = proxy.hostname or "", proxy.port or (443 if proxy.scheme == "https" else 80)
    if proxy.scheme != "http":
        with socket.create_connection((host, port), timeout=REACH_SECONDS):
            return True
    connection = http.client.HTTPConnection(host, port, timeout=REACH_SECONDS)
    connection.set_tunnel(REGISTRY, 443, _credentials(proxy))
    try:
        connection.connect()
    finally:
        connection.close()
    return True


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@cache
def _on_this_disk() -> Path | None:
    """What the search finds: once for a process, since many tests ask where there is nothing."""
    return search(Path(os.sep), time.monotonic() + SEARCH_SECONDS)


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

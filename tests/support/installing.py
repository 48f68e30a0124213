"""The distribution `tokenvault-dev`, built from this checkout and installed in an environment of its own."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
WATCHING = """
import json, os, sys

def watch(event, arguments):
    if event == "socket.connect":
        note({{"host": arguments[1][0]}})
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        note({{"program": os.fsdecode(arguments[0]), "arguments": [os.fsdecode(a) for a in arguments[1]]}})

def note(what):
    file = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, json.dumps(what).encode() + b"\\n")
    os.close(file)

sys.addaudithook(watch)
"""


class Installed:
    """An environment that has the wheel, and finds what that needs in the suite's own: nothing is downloaded.

    Each of its Python processes notes which programs it starts, and whom it connects to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder, folder / "noted"
        self.bin = folder / "env" / "bin"
        build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*PIP, *build, "--wheel-dir", str(folder), str(ROOT)], check=True)
        [self.wheel] = folder.glob("tokenvault_dev-*.whl")
        venv.create(folder / "env", with_pip=False)
        install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(self.wheel)]
        subprocess.run([*PIP, "--python", str(self.bin / "python"), *install], check=True)
        [packages] = (folder / "env" / "lib").glob("python*/site-packages")
        (packages / "watching.py").write_text(WATCHING.format(log=str(self._log)))
        suites = sysconfig.get_paths()["purelib"]
        (packages / "suite.pth").write_text(f"import site; site.addsitedir({suites!r})\nimport watching\n")

    def noted(self) -> list[dict[str, Any]]:
        """What its processes started, and whom they connected to."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

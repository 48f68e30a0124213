"""Terraform on a working copy of the project's root module, against the emulator."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from local import terraform_program
from local.environment import isolated
from local.errors import NoTerraformError, StepError
from local.paths import ROOT
from local.provider import PROVIDER, REGISTRY, find_mirror

STEP_SECONDS: Final = 600
_EMPTY_ZIP: Final = b"PK\x05\x06".ljust(22, b"\0")
_OF_BULK: Final = ("bulk.zip", "parquet-layer.zip")
# A third of what Terraform and its providers compute is Go's garbage collection, in processes that live for
# seconds. Each collects from 1 GiB on, unless the caller's environment says otherwise
# (https://pkg.go.dev/runtime#hdr-Environment_Variables).
_LESS_COLLECTING: Final = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
_NO_PROVIDER: Final = re.compile("Error: Failed to (query available provider packages|install provider)")


class Terraform:
    """One working copy with its state. Commands write to a log; what goes wrong is shown from there."""

    def __init__(
        self,
        state: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        memory: Path | None = None,
        patience: float = 0,
    ) -> None:
        """`memory` is where providers and the way to them are remembered; the state folder by default.

        `patience` is for how many seconds a command that is cut short may finish and note what it has begun.
        """
        self._patience = patience
        self._say = say
        self._memory = memory or state
        self.copy = state / "terraform"
        self._log = state / "logs" / "terraform.log"
        self._environment = {
            **_LESS_COLLECTING,
            **terraform_program.without_missing_config(isolated(os.environ)),
            **environment,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_PLUGIN_CACHE_DIR": str(_made(self._memory / "plugins")),
        }

    def prepare(self, stage: str = "aws") -> None:
        """A fresh working copy, with the packaged app in it. Raises `NoTerraformError` first of all."""
        self.require()
        shutil.rmtree(self.copy, ignore_errors=True)
        ignored = shutil.ignore_patterns(
            ".terraform*", "*.tfstate*", "chalice.tf.json", "deployment.zip", *_OF_BULK, "__pycache__"
        )
        shutil.copytree(ROOT / "terraform", self.copy, ignore=ignored)
        # Nothing of that module is run here, so empty packages will do.
        for name in _OF_BULK:
            (self.copy / "modules" / "bulk" / name).write_bytes(_EMPTY_ZIP)
        build = [sys.executable, "terraform/packaging/build.py", "--stage", stage]
        # Planned or applied to an emulator, and never deployed: so it takes no particular Python to make.
        command = [*build, "--uncompiled", "--out", self.regional]
        self._run("package the app", command, cwd=ROOT)

    @property
    def regional(self) -> Path:
        """The module that holds the packaged app."""
        return self.copy / "modules" / "regional"

    def require(self) -> None:
        """Terraform is here, and so is a way to its provider. Raises `NoTerraformError`."""
        terraform_program.command()
        self._mirror()

    def _mirror(self) -> Path | None:
        return find_mirror(self._environment, self._memory / "provider-mirror")

    def init(self) -> None:
        """Gets the provider, from wherever this machine can. Raises `NoTerraformError`."""
        mirror = self._mirror()
        source = f"mirror {mirror}" if mirror else f"{REGISTRY}, or as Terraform is configured"
        self._say(f"      provider: {source}")
        options = [f"-plugin-dir={mirror}"] if mirror else []
        try:
            self.run("init", *options)
        except StepError as problem:
            if not _NO_PROVIDER.search(str(problem)):
                raise
            raise NoTerraformError(
                f"`terraform init` cannot get {PROVIDER}; all that it said: {self._log}."
            ) from None

    def apply(self, variables: str) -> None:
        """Applies the root with one of `environments/`."""
        self.run("apply", "-auto-approve", f"-var-file={variables}")

    def outputs(self) -> dict[str, Any]:
        """The root's outputs, the sensitive ones too."""
        shown = self.run("output", "-json", interactive=False)
        return {name: output["value"] for name, output in json.loads(shown).items()}

    def run(self, command: str, *options: str, interactive: bool = True) -> str:
        """One Terraform command; returns what it printed. Raises `StepError`."""
        flags = ["-no-color", *(["-input=false"] if interactive else []), *options]
        program = [*terraform_program.command(), command]
        return self._run(f"terraform {command}", [*program, *flags], cwd=self.copy)

    def _run(self, step: str, command: list[Any], cwd: Path) -> str:
        try:
            done = _finished(command, cwd, self._environment, self._patience)
        except subprocess.TimeoutExpired:
            raise StepError(f"`{step}` was not done after {STEP_SECONDS} s. Start again.") from None
        _made(self._log.parent)
        if not step.endswith(("output", "show")):  # both hold client secrets
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"--- {step}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise StepError(f"`{step}` failed. The end of what it said (all of it: {self._log}):\n{tail}")
        return done.stdout


def _finished(
    command: list[Any], cwd: Path, environment: Mapping[str, str], patience: float
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end. Cut short, nothing of it stays, nor do Terraform's providers."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=STEP_SECONDS)
        except BaseException:
            _end(process, patience)
            raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _end(process: "subprocess.Popen[str]", patience: float) -> None:
    """As Ctrl-C in a terminal does, then by force."""
    with contextlib.suppress(ProcessLookupError):
        try:
            if patience:
                os.killpg(process.pid, signal.SIGINT)
                process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            pass
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder

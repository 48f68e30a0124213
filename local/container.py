"""Functions as Lambda runs them: each in processes of its own, with the environment it was deployed with."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLongError
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, Final, Protocol

from local.paths import ROOT
from local.runtime import TIMEOUT_SECONDS

MOST_CONTAINERS: Final = 2
"""Containers of one function at a time: enough to show that nothing depends on being alone."""


class FunctionTimeoutError(Exception):
    """The function did not answer within its time; its container is gone."""


class FunctionCrashError(Exception):
    """The function's process ended, or its handler raised."""


@dataclass(frozen=True)
class Function:
    """A deployed function. `environment` is all that it sees of this machine's."""

    name: str
    handler: str
    memory_mb: int
    environment: Mapping[str, str] = field(repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS


class Container:
    """One process of a function."""

    def __init__(self, function: Function, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.runtime", function.handler, str(function.timeout_seconds)],
            cwd=ROOT,
            env=_environment(function),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            # Ctrl-C in the terminal is for the launcher, which ends its containers itself.
            start_new_session=True,
        )
        self._reader = ThreadPoolExecutor(1)

    def invoke(self, event: Any, timeout: float) -> Any:
        """The handler's result. Raises `FunctionTimeoutError` or `FunctionCrashError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(event) + "\n")
            self._process.stdin.flush()
            line = self._reader.submit(self._process.stdout.readline).result(timeout)
        except TookTooLongError:
            raise FunctionTimeoutError from None
        except OSError:
            raise FunctionCrashError from None
        answer = json.loads(line) if line else {"error": "process ended"}
        if "error" in answer:
            raise FunctionCrashError(answer["error"])
        return answer["result"]

    def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both pipes were asked for
        self._reader.shutdown(wait=False)


class FunctionPool(Protocol):
    """What runs one function, wherever."""

    @property
    def name(self) -> str: ...

    @property
    def environment(self) -> Mapping[str, str]: ...

    def invoke(self, event: Any) -> Any: ...

    def retire(self) -> None: ...

    def close(self) -> None: ...


class Pool:
    """The containers of one function, started when they are needed and used again."""

    def __init__(self, function: Function, log: Path) -> None:
        self._function, self._log = function, log
        self._idle: LifoQueue[Container] = LifoQueue()
        self._places = threading.BoundedSemaphore(MOST_CONTAINERS)
        self._living: set[Container] = set()
        self._retired = False

    @property
    def name(self) -> str:
        """The function's name in the account."""
        return self._function.name

    @property
    def environment(self) -> Mapping[str, str]:
        """What the function was deployed with."""
        return self._function.environment

    def invoke(self, event: Any) -> Any:
        """Runs one event, waiting for a free container. Raises as `Container.invoke` does."""
        with self._places:
            container = self._take()
            try:
                result = container.invoke(event, self._function.timeout_seconds)
            except (FunctionTimeoutError, FunctionCrashError):
                container.stop()
                self._living.discard(container)
                raise
            self._idle.put(container)
            if self._retired:
                self._stop_idle()
            return result

    def retire(self) -> None:
        """Ends the containers that are idle, and each busy one once it has answered."""
        self._retired = True
        self._stop_idle()

    def _stop_idle(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                container = self._idle.get_nowait()
                container.stop()
                self._living.discard(container)

    def close(self) -> None:
        """Ends all containers, the busy ones too."""
        for container in list(self._living):
            container.stop()

    def _take(self) -> Container:
        try:
            return self._idle.get_nowait()
        except Empty:
            container = Container(self._function, self._log)
            self._living.add(container)
            return container


def _environment(function: Function) -> dict[str, str]:
    """The applied environment, and what Lambda itself adds; nothing else of the parent's but `PATH`."""
    return {
        **function.environment,
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
    }

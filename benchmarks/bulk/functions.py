"""What stands behind the gateway: containers of a checkout, or a service on other machines."""

import json
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

FUNCTION: Final = Path(__file__).with_name("function.py")
CONTAINERS: Final = 8
"""As many as an import sends requests at once, by default."""

MEDIAN_SECONDS: Final = 0.06
SPREAD: Final = 0.35
SEED: Final = 20261129


class Container:
    """A process of the function, which serves one request at a time."""

    def __init__(self, checkout: Path, seed: int) -> None:
        python = checkout / ".venv" / "bin" / "python"
        self._process = subprocess.Popen(
            [python, FUNCTION, str(seed)],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> Any:
        """What it answers to a line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()


class Containers:
    """A container for each request that is under way, as in Lambda.

    Each has tables of its own. So a request that is sent again goes where it went before, as it would find
    what it left in DynamoDB.
    """

    def __init__(self, made: list[Container]) -> None:
        self._all, self._idle = made, list(made)
        self._of_key: dict[str, Container] = {}
        self._changed = threading.Condition()
        self.requests = 0

    def invoke(self, event: Any) -> Any:
        """The response to an event of API Gateway."""
        container = self._taken(event["headers"]["idempotency-key"])
        try:
            return container.ask(json.dumps(event))
        finally:
            with self._changed:
                self._idle.append(container)
                self._changed.notify_all()

    def counted(self) -> Counter[str]:
        """What all of them counted, since they were made."""
        found: Counter[str] = Counter()
        for container in self._all:
            found.update(container.ask(""))
        return found

    def _taken(self, key: str) -> Container:
        with self._changed:
            self.requests += 1
            while (chosen := self._free_for(key)) is None:
                self._changed.wait()
            self._idle.remove(chosen)
            self._of_key[key] = chosen
            return chosen

    def _free_for(self, key: str) -> Container | None:
        before = self._of_key.get(key)
        free = self._idle if before is None else [idle for idle in self._idle if idle is before]
        return free[-1] if free else None


class Elsewhere:
    """A service on machines of its own: answers after a while, with tokens that are none."""

    def __init__(self) -> None:
        self._numbers, self._random = count(), random.Random(SEED)  # waits, not secrets
        self.requests = 0

    def invoke(self, event: Any) -> Any:
        """The response to an event of API Gateway."""
        self.requests += 1
        time.sleep(MEDIAN_SECONDS * self._random.lognormvariate(0, SPREAD))
        results = [self._made(item) for item in json.loads(event["body"])["items"]]
        return {"statusCode": 200, "headers": {}, "body": json.dumps({"results": results})}

    def _made(self, item: dict[str, Any]) -> dict[str, Any]:
        token = f"9{next(self._numbers):015}"
        return {"token": token, "type": item["type"], "created": "2026-01-02T03:04:05Z", "expires_at": None}


@contextmanager
def containers(checkout: Path, number: int = CONTAINERS) -> Iterator[Containers]:
    """Containers of a checkout, started side by side and warm; gone afterwards."""
    with ExitStack() as closing:
        made = [Container(checkout, SEED + each) for each in range(number)]
        for container in made:
            closing.callback(container.close)
        for container in made:
            container.ask("")
        yield Containers(made)

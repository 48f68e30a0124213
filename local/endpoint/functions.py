"""Functions that an emulator's Lambda runs."""

import json
import threading
from collections.abc import Mapping
from typing import Any

from local.account import Account
from local.container import MOST_CONTAINERS, FunctionCrashError, FunctionTimeoutError


class DeployedFunction:
    """A function behind its alias, called as `local.container.Pool` is, by as many at a time."""

    def __init__(self, account: Account, name: str, alias: str) -> None:
        self.name = name
        self.environment: Mapping[str, str] = account.function(name, alias).environment
        self._client, self._alias = account.client("lambda"), alias
        self._places = threading.BoundedSemaphore(MOST_CONTAINERS)

    def invoke(self, event: Any) -> Any:
        """The handler's result. Raises `FunctionTimeoutError` or `FunctionCrashError`."""
        payload = json.dumps(event).encode()
        with self._places:
            answer = self._client.invoke(FunctionName=self.name, Qualifier=self._alias, Payload=payload)
            result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            self._raise(result if isinstance(result, dict) else {})
        return result

    @staticmethod
    def _raise(error: Mapping[str, Any]) -> None:
        """Its kind alone: a message may quote the event."""
        kind = str(error.get("errorType", "Unhandled"))
        raise FunctionTimeoutError if kind == "Sandbox.Timedout" else FunctionCrashError(kind)

    def retire(self) -> None:
        """Nothing here runs it."""

    def close(self) -> None:
        """Nothing here runs it."""

"""What a client may spend on trying again, given back by calls that botocore does not see."""

import threading
from typing import Any

from botocore.retries.quota import RetryQuota


class GoodAnswers:
    """Tells botocore of good answers to calls that it did not make, for as long as its quota may lack any.

    In its standard mode a client has 500 units. A retry costs 14 of them or 5, and each good answer gives one
    back, at the event `after-call`: where that never came, nothing would be tried again once they are spent.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """

    def __init__(self, client: Any) -> None:
        self._events, self._service = client.meta.events, client.meta.service_model.service_id.hyphenize()
        self._lock, self._owed = threading.Lock(), 0

    def register(self) -> None:
        """Learns from now on of the client's retries."""
        self._events.register_last(f"needs-retry.{self._service}", self.needs_retry)

    def needs_retry(self, attempts: int, **_: Any) -> None:
        """A call was tried again: after as many good answers as there are units, all of them are back."""
        if attempts > 1:
            with self._lock:
                self._owed = RetryQuota.INITIAL_CAPACITY

    def tell(self, model: Any, answer: Any, parsed: Any) -> None:
        """A good answer, raw and parsed; nothing is done about it while no unit can be missing."""
        if not self._owed:
            return
        with self._lock:
            self._owed = max(0, self._owed - 1)
        self._events.emit(
            f"after-call.{self._service}.{model.name}",
            http_response=answer,
            parsed=parsed,
            model=model,
            context={},
        )

"""What a usage plan allows a key: a token bucket, and a number of requests a day.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

_DAY_SECONDS: Final = 86400


@dataclass(frozen=True)
class UsagePlan:
    """Requests a second that fill the bucket, its size, and requests a day (None: no limit)."""

    rate_per_second: float
    burst: int
    requests_per_day: int | None = None


@dataclass
class _Use:
    tokens: float
    filled_at: float
    day: int = -1
    today: int = 0


@dataclass
class Throttle:
    """Counts the requests of each key. `plans` gives the usage plans by key id, as they are now."""

    plans: Callable[[], Mapping[str, UsagePlan]]
    clock: Callable[[], float] = time.time
    _uses: dict[str, _Use] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuses(self, key_id: str) -> str | None:
        """The gateway response that a request of this key gets, or None when it may pass."""
        plan = self.plans().get(key_id)
        if plan is None:
            return None
        with self._lock:
            return self._counted(plan, key_id, self.clock())

    def _counted(self, plan: UsagePlan, key_id: str, now: float) -> str | None:
        use = self._uses.setdefault(key_id, _Use(plan.burst, now))
        use.tokens = min(plan.burst, use.tokens + (now - use.filled_at) * plan.rate_per_second)
        use.filled_at = now
        if use.tokens < 1:
            return "THROTTLED"
        use.tokens -= 1
        return self._of_the_day(plan, use, int(now // _DAY_SECONDS))

    @staticmethod
    def _of_the_day(plan: UsagePlan, use: _Use, day: int) -> str | None:
        """Days begin at midnight UTC."""
        use.today = use.today + 1 if use.day == day else 1
        use.day = day
        over = plan.requests_per_day is not None and use.today > plan.requests_per_day
        return "QUOTA_EXCEEDED" if over else None

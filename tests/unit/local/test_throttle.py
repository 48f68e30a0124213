"""The local usage plans: a bucket that fills, and a count a day."""

from local.throttle import Throttle, UsagePlan


def throttle(plan: UsagePlan, now: list[float]) -> Throttle:
    """One plan for every key called `key`, at a time that the test sets."""
    return Throttle(lambda: {"key": plan, "other": plan}, lambda: now[0])


def test_a_burst_passes_and_the_next_is_throttled():
    """As many as the bucket holds; then one for each that flows in."""
    now = [1000.0]
    limited = throttle(UsagePlan(rate_per_second=2, burst=3), now)
    assert [limited.refuses("key") for _ in range(4)] == [None, None, None, "THROTTLED"]
    now[0] += 0.5
    assert [limited.refuses("key") for _ in range(2)] == [None, "THROTTLED"]
    now[0] += 3600
    assert [limited.refuses("key") for _ in range(4)] == [None, None, None, "THROTTLED"]


def test_keys_do_not_use_each_others_share():
    """Each key has a bucket of its own."""
    limited = throttle(UsagePlan(1, 1), [0.0])
    assert [limited.refuses(key) for key in ("key", "other", "key")] == [None, None, "THROTTLED"]


def test_a_days_quota_begins_anew_at_midnight():
    """Over the quota is told apart from too fast."""
    now = [86400.0 * 10 - 1]
    limited = throttle(UsagePlan(100, 100, requests_per_day=2), now)
    assert [limited.refuses("key") for _ in range(3)] == [None, None, "QUOTA_EXCEEDED"]
    now[0] += 1
    assert limited.refuses("key") is None


def test_a_key_without_a_plan_is_not_limited():
    """It is the gateway's business whether such a key opens anything."""
    assert throttle(UsagePlan(1, 1), [0.0]).refuses("unknown") is None

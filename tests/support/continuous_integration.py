"""What becomes of a test that cannot be run on this machine."""

import os
from typing import NoReturn

import pytest


def cannot_run(reason: str) -> NoReturn:
    """Fails the test in CI, which must not pass over any, and skips it elsewhere.

    CI sets `CI=true`, as does `.ci/run`; `false`, `0` and nothing mean elsewhere.
    """
    if os.environ.get("CI", "").lower() in {"", "0", "false"}:
        pytest.skip(reason)
    pytest.fail(reason)

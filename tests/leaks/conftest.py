"""The account that is watched for the sentinel."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

from tests.leaks.watch import Watch
from tests.support.logs import captured_logs
from tests.support.world import world


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    with captured_logs() as logged, redirect_stdout(printed), redirect_stderr(printed), world() as account:
        yield Watch(account, printed, logged)

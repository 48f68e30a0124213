"""A fresh emulated account: moto's in this process, or one on a running emulator (`--endpoint`)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Final
from unittest import mock

import boto3
import botocore.session
from moto import mock_aws

from local.emulator import install

endpoint: str | None = None
"""The running emulator that `--endpoint` names; `tests/conftest.py` sets it."""

_FIRST: Final = 100_000_000_000 + os.getpid() * 100_000
_numbers: Final = count(_FIRST)


@contextmanager
def emulated() -> Iterator[None]:
    """An account in which there is nothing yet, for as long as the block lasts.

    MiniStack and LocalStack take an access key of twelve digits for the number of an account:
    https://docs.localstack.cloud/references/multi-account-setups
    """
    if endpoint is None:
        install()
        with mock_aws():
            _, session = _sessions()
            with mock.patch.object(boto3, "DEFAULT_SESSION", session):
                yield
        return
    number = str(next(_numbers))
    settings = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": number}
    with mock.patch.dict(os.environ, settings):
        core, session = _sessions()
        core.set_credentials(number, "testing")
        with mock.patch.object(boto3, "DEFAULT_SESSION", session):
            yield


@cache
def _sessions() -> tuple[botocore.session.Session, boto3.Session]:
    """One for all accounts: a new one reads botocore's models anew. Clients keep the keys they began with."""
    core = botocore.session.get_session()
    return core, boto3.Session(botocore_session=core)

"""AWS in this process: every test has an empty account of its own, under the emulator's patches."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from local.emulator import install

Clients = Callable[..., Any]


@functools.cache
def _client(service: str, region: str) -> Any:
    # Making a client takes longer than most tests; moto's stub sits behind all of them, old and new.
    # It does not know the endpoints with an account id in front, which boto3 derives from an ARN.
    config = Config(account_id_endpoint_mode="disabled")
    return boto3.session.Session("testing", "testing", region_name=region).client(service, config=config)


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Clients by service and Region, by default us-east-1."""
    install()
    with mock_aws():
        yield lambda service, region="us-east-1": _client(service, region)

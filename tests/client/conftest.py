"""The fake service that tests of the client share, with and without TLS."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.kinds import KINDS, clients
from tests.client.service import Service, serving
from tests.support.certificates import self_signed


@pytest.fixture
def service() -> Iterator[Service]:
    """A fresh one for each test."""
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and vault.example, signed by its own key, which is in the same file."""
    return self_signed(tmp_path_factory.mktemp("tls") / "certificate.pem")


@pytest.fixture
def secured(certificate: Path) -> Iterator[Service]:
    """The service over TLS, for clients with a certificate only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(context) as service:
        yield service


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of one kind, the blocking or the async one."""
    with clients(request.param) as made:
        yield made

"""Over TLS: the server's certificate is checked, and a certificate of the client's own goes along."""

import ssl
from pathlib import Path

import pytest
from tokenvault_client import Client, Retries, Unavailable

from tests.client.service import Service

ONCE = Retries(attempts=1)


def test_mutual_tls(secured: Service, certificate: Path) -> None:
    """The context that is given names whom to trust, and carries the client's certificate."""
    context = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(Unavailable, match="unreachable"):
        Client(secured.settings(), retries=ONCE, ssl_context=context).types()
    context.load_cert_chain(certificate)
    with Client(secured.settings(), retries=ONCE, ssl_context=context) as client:
        assert client.types()


def test_a_server_that_nobody_vouches_for_gets_nothing(secured: Service) -> None:
    """Neither credentials nor values."""
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        Client(secured.settings(), retries=ONCE).types()
    assert secured.asked == []
    assert secured.seen == []

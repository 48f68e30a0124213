"""The TLS floor: an API that takes TLS 1.1 is found, and what shows nothing is no refusal."""

import socket
import ssl
from functools import partial
from pathlib import Path

import pytest
from tokenvault_client.doctor import tls_floor

from tests.client.service import serving

OLD, NEW = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
REFUSED = "TLS 1.1 is refused, TLSv1.3 is taken"
FAKED = "https://vault.example"

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")


def server(certificate: Path, lowest: ssl.TLSVersion, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = lowest
    if mutual:
        context.load_verify_locations(certificate)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def trusting(certificate: Path, *, own: bool = False) -> ssl.SSLContext:
    """What a client goes with, perhaps with a certificate of its own."""
    context = ssl.create_default_context(cafile=str(certificate))
    if own:
        context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("mutual", [False, True])
@pytest.mark.parametrize(
    ("lowest", "state", "detail"), [(NEW, "ok", REFUSED), (OLD, "failed", "the API takes TLSv1.1")]
)
def test_the_tls_floor_is_what_a_handshake_shows(
    certificate: Path, mutual: bool, lowest: ssl.TLSVersion, state: str, detail: str
) -> None:
    """A server that takes TLS 1.1 fails, one that wants a certificate of the client's too."""
    with serving(server(certificate, lowest, mutual=mutual)) as service:
        found = tls_floor.check(service.url, partial(trusting, certificate, own=mutual))
    assert (found.state, found.detail) == (state, detail)


@pytest.mark.parametrize(("lowest", "state"), [(NEW, "ok"), (OLD, "not_checked")])
def test_without_the_certificate_that_is_asked_for_a_broken_handshake_shows_nothing(
    certificate: Path, lowest: ssl.TLSVersion, state: str
) -> None:
    """It is the certificate that was missed; only an alert about the version is a refusal of it."""
    with serving(server(certificate, lowest, mutual=True)) as service:
        found = tls_floor.check(service.url, partial(trusting, certificate))
    assert (found.state, "client certificate" in found.detail) == (state, state == "not_checked")


def test_a_certificate_that_is_not_taken_shows_nothing(certificate: Path, tmp_path: Path) -> None:
    """TLS 1.1 was good enough for the server to look at it."""
    context = server(certificate, OLD, mutual=True)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF  # there is no CRL, so no certificate will do
    with serving(context) as service:
        found = tls_floor.check(service.url, partial(trusting, certificate, own=True))
    assert (found.state, "ALERT" in found.detail) == ("not_checked", True)


def test_without_tls_or_handshake_the_floor_is_not_checked(certificate: Path) -> None:
    """On http, through a proxy, and to a server that is not trusted."""
    assert tls_floor.check("http://127.0.0.1:1", None).state == "not_checked"
    assert "proxy" in tls_floor.check(FAKED, None).detail
    with serving(server(certificate, NEW)) as service:
        found = tls_floor.check(service.url, ssl.create_default_context)
    assert found.detail == "no handshake at all: SSLCertVerificationError"


def of_openssl(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "what OpenSSL says")
    error.reason = reason
    return error


def failing_below(lowest: ssl.TLSVersion, error: OSError) -> tls_floor.Handshake:
    """A server that takes handshakes from a version on; others fail with an error."""

    def handshake(context: ssl.SSLContext) -> str:
        if 0 < context.maximum_version < lowest:
            raise error
        return "TLSv1.3"

    return handshake


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "TimeoutError"),
        (ConnectionRefusedError(111, "x"), "ConnectionRefusedError"),
        (socket.gaierror(-3, "x"), "gaierror"),
        (OSError(101, "x"), "OSError"),
        (of_openssl("NO_PROTOCOLS_AVAILABLE"), "OpenSSL on this machine offers no TLS 1.1"),
        (of_openssl("TLSV1_ALERT_UNKNOWN_CA"), "TLSV1_ALERT_UNKNOWN_CA"),
        (of_openssl("TLSV1_ALERT_INTERNAL_ERROR"), "TLSV1_ALERT_INTERNAL_ERROR"),
    ],
)
def test_an_error_that_is_no_refusal_is_not_taken_for_one(error: OSError, reason: str) -> None:
    """It says nothing of the API, so the floor is not checked, for that reason."""
    found = tls_floor.check(FAKED, ssl.create_default_context, failing_below(NEW, error))
    assert (found.state, reason in found.detail) == ("not_checked", True)


@pytest.mark.parametrize("reason", ["TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"])
def test_a_refusal_of_the_version_is_one_whatever_else_is_taken(reason: str) -> None:
    """By a server that takes TLS 1.3 only, too."""
    for lowest in (NEW, ssl.TLSVersion.TLSv1_3):
        found = tls_floor.check(FAKED, ssl.create_default_context, failing_below(lowest, of_openssl(reason)))
        assert (found.state, found.detail) == ("ok", REFUSED)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "x"),
        ssl.SSLEOFError(8, "x"),
        ssl.SSLZeroReturnError(6, "x"),
        of_openssl("SSLV3_ALERT_HANDSHAKE_FAILURE"),
    ],
)
def test_a_broken_handshake_is_a_refusal_where_tls_1_2_is_taken(error: OSError) -> None:
    """The version is then all that differs; where TLS 1.2 fails too, it may have been something else."""
    for lowest, state in ((NEW, "ok"), (ssl.TLSVersion.TLSv1_3, "not_checked")):
        found = tls_floor.check(FAKED, ssl.create_default_context, failing_below(lowest, error))
        assert found.state == state

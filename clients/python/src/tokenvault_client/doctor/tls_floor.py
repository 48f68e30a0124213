"""The lowest TLS that the API takes: 1.2. Tried with handshakes, no request is sent."""

import socket
import ssl
import warnings
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok

SECONDS: Final = 10.0

_CHECK: Final = "API: TLS floor"

_OWN: Final = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH")
"""Reasons of OpenSSL's for not even offering TLS 1.1, on a machine that forbids it."""

_REFUSED: Final = ("ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
"""How reasons end that are about the version (RFC 8446, 6.2): an alert, or another version in the answer."""

_BROKEN: Final = "ALERT_HANDSHAKE_FAILURE"
"""How the reason ends if the server does not say what it dislikes: a missing client certificate, too."""

Handshake = Callable[[ssl.SSLContext], str | None]
"""The version that a handshake with this context ended with. Raises `OSError`."""

NewContext = Callable[[], ssl.SSLContext]
"""Makes a context like the one that requests go with, client certificate and all."""


def check(url: str, new_context: NewContext | None, handshake: Handshake | None = None) -> Finding:
    """Whether TLS 1.1 is refused by a server that takes a later one.

    Without `new_context` the API is not reached directly.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or new_context is None:
        return not_checked(
            _CHECK,
            "http, which has no TLS" if parts.scheme != "https" else "the API is reached through a proxy",
        )
    shake = handshake or _handshake_with(str(parts.hostname), parts.port or 443)
    try:
        now = shake(new_context())
    except OSError as error:
        return not_checked(_CHECK, f"no handshake at all: {type(error).__name__}")
    try:
        version = shake(_only(ssl.TLSVersion.TLSv1_1, new_context()))
    except OSError as error:
        refused = ok(_CHECK, f"TLS 1.1 is refused, {now} is taken")
        if _breaks_off(error):
            return refused if _takes_next(shake, new_context()) else _unclear(error)
        return refused if _reason(error).endswith(_REFUSED) else _unclear(error)
    return failed(_CHECK, f"the API takes {version}")


def _breaks_off(error: OSError) -> bool:
    """Whether the server ends a handshake and does not say that it is for the version."""
    ended = isinstance(error, ConnectionResetError | ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return ended or _reason(error).endswith(_BROKEN)


def _takes_next(shake: Handshake, context: ssl.SSLContext) -> bool:
    """Whether the handshake that failed succeeds with TLS 1.2, all else being the same.

    Not with TLS 1.3: there a client is through before the server has looked at its certificate.
    """
    try:
        shake(_only(ssl.TLSVersion.TLSv1_2, context))
    except OSError:
        return False
    return True


def _unclear(error: OSError) -> Finding:
    """A handshake that failed, and not for its version as far as one can tell."""
    reason = _reason(error)
    if reason in _OWN:
        return not_checked(_CHECK, f"OpenSSL on this machine offers no TLS 1.1 ({reason})")
    asked = "; TLS 1.2 fails as well: is a client certificate missing?" if _breaks_off(error) else ""
    return not_checked(_CHECK, f"no handshake with TLS 1.1: {reason}{asked}")


def _reason(error: OSError) -> str:
    """OpenSSL's name for what went wrong, or the kind of an error that is none of OpenSSL's."""
    return str(getattr(error, "reason", None) or type(error).__name__)


def _only(version: ssl.TLSVersion, context: ssl.SSLContext) -> ssl.SSLContext:
    """The context, offering one version and nothing else to whoever is there: nothing is sent over it."""
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _handshake_with(host: str, port: int) -> Handshake:
    def handshake(context: ssl.SSLContext) -> str | None:
        with (
            socket.create_connection((host, port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.version()

    return handshake

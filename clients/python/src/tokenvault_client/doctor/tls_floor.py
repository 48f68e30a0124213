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

Handshake = Callable[[ssl.SSLContext], str | None]
"""The version that a handshake with this context ended with. Raises `OSError`."""


def check(url: str, context: ssl.SSLContext | None, handshake: Handshake | None = None) -> Finding:
    """Whether TLS 1.1 is refused by a server that takes a later one.

    `context` is the one that requests go with, perhaps with a client certificate.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or context is None:
        return not_checked(
            _CHECK,
            "http, which has no TLS" if parts.scheme != "https" else "the API is reached through a proxy",
        )
    shake = handshake or _handshake_with(str(parts.hostname), parts.port or 443)
    try:
        now = shake(context)
    except OSError as error:
        return not_checked(_CHECK, f"no handshake at all: {type(error).__name__}")
    try:
        version = shake(_old())
    except OSError as error:
        return _refusal(error, now)
    return failed(_CHECK, f"the API takes {version}")


def _refusal(error: OSError, now: str | None) -> Finding:
    """A handshake that failed: refused over there, or never offered here."""
    if isinstance(error, TimeoutError):
        return not_checked(_CHECK, "no answer to TLS 1.1 in time")
    reason = str(getattr(error, "reason", "") or "")
    if reason in _OWN:
        return not_checked(_CHECK, f"OpenSSL on this machine offers no TLS 1.1 ({reason})")
    return ok(_CHECK, f"TLS 1.1 is refused, {now} is taken")


def _old() -> ssl.SSLContext:
    """Offers TLS 1.1 and nothing else, to whoever is there: nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
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

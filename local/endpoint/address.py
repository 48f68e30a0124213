"""Where an emulator answers, and which one it is."""

import json
import urllib.error
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from local.endpoint.emulators import ANOTHER, EMULATORS, Emulator
from local.errors import StepError
from local.loopback import direct

_SECONDS: Final = 5
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws")
_FORM: Final = "ENDPOINT_URL is the address of a running emulator, such as http://127.0.0.1:4566"


def checked(url: str) -> str:
    """An emulator's address, without a slash at its end. Raises `ValueError` for all else, AWS above all."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or "@" in parts.netloc:
        raise ValueError(_FORM)
    if parts.query or parts.fragment:
        raise ValueError(_FORM)
    if f".{host}".rstrip(".").endswith(_AWS):
        raise ValueError("ENDPOINT_URL is AWS itself. `terraform apply` deploys there: docs/operations.md")
    return f"{parts.scheme}://{parts.netloc}"


def recognized(endpoint: str) -> Emulator:
    """The row of the table that an endpoint answers as. Raises `StepError` when none can."""
    for emulator in EMULATORS:
        said = _said(f"{endpoint}{emulator.health_path}")
        if said is not None and emulator.word in said:
            return emulator
    return ANOTHER


def issuer(endpoint: str, user_pool_id: str) -> str | None:
    """What a pool calls itself in its access tokens, or None where the emulator does not tell.

    https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
    """
    said = _said(f"{endpoint}/{user_pool_id}/.well-known/openid-configuration")
    try:
        described: Any = json.loads(said or "{}")
        return str(described["issuer"])
    except (ValueError, KeyError, TypeError):
        return None


def _said(url: str) -> str | None:
    """The body of an answer, None for a refusal. Raises `StepError` for none, or for no HTTP."""
    try:
        with direct(url, timeout=_SECONDS) as answer:
            return str(answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as refused:
        refused.close()
        return None
    except HTTPException as failed:
        raise StepError(
            f"What answers at ENDPOINT_URL speaks no HTTP ({type(failed).__name__}). Name an emulator's port."
        ) from None
    except OSError as failed:
        raise StepError(
            f"Nothing answers at ENDPOINT_URL ({type(failed).__name__}). Start the emulator first."
        ) from None

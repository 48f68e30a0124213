"""Hands events to the app's functions, each in a new container."""

from typing import Any

import pytest

import app as table_of_contents
from chalicelib import wiring
from tests.support.world import World

HANDLERS = {"tokenize": table_of_contents.app, "reveal": table_of_contents.reveal}


def handle(account: World, monkeypatch: pytest.MonkeyPatch, function: str, asked: dict[str, Any]) -> Any:
    """Hands an event to a function in a new container."""
    for name in ("TOKENVAULT_VAULT_KEK_ARN", "TOKENVAULT_AUDIT_TABLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in account.env(function).items():
        monkeypatch.setenv(name, value)
    wiring.service.cache_clear()
    return HANDLERS[function](asked, None)

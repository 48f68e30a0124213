"""A back end asks for a capture session, by either client and by the tool."""

from collections.abc import Callable
from typing import Any

import pytest
from tokenvault_client import CaptureSession, Conflict, NotPermitted

from tests.client import tool
from tests.client.service import HANG_UP, Service, problem

Make = Callable[..., Any]
SHOP = "https://shop.example"
SESSION = "cGFnZQ.bWFj"


def test_terms_are_sent_and_the_session_is_not_shown(service: Service, make: Make) -> None:
    """One value within ten minutes unless told otherwise; sent again where the answer was lost."""
    service.scopes = "vault/capture"
    client = make(service.settings())
    service.script.append(HANG_UP)
    made = client.capture_session(types=["card_number"], origin=SHOP)
    assert made == CaptureSession(SESSION, 1_800_000_000, "an-id")
    assert SESSION not in repr(made)
    usual = {
        "types": ["card_number"],
        "origin": SHOP,
        "max_values": 1,
        "ttl_seconds": 600,
        "single_use": True,
    }
    assert [(seen.path, seen.body) for seen in service.seen] == [("/v1/capture-sessions", usual)] * 2
    more = {"max_values": 3, "ttl_seconds": 60, "single_use": False, "subject": "customer-17"}
    client.capture_session(types=["text"], origin=SHOP, **more)
    assert service.seen[-1].body == {"types": ["text"], "origin": SHOP, **more}


@pytest.mark.parametrize(("status", "kind"), [(403, NotPermitted), (409, Conflict)])
def test_what_is_refused_is_not_asked_again(
    service: Service, make: Make, status: int, kind: type[Exception]
) -> None:
    """The policy has to allow it."""
    service.scopes = "vault/capture"
    service.script.append(problem(status, "not_permitted"))
    with pytest.raises(kind):
        make(service.settings()).capture_session(types=["text"], origin=SHOP)
    assert len(service.seen) == 1


def test_the_tool_prints_the_session(service: Service) -> None:
    """Alone on its line, or with its end in JSON; no number is refused before anything is sent."""
    service.scopes = "vault/capture"
    asked = ("capture-session", "--type", "card_number", "--type", "text", "--origin", SHOP)
    assert tool.run(service.environment(), *asked).lines == [SESSION]
    more = ("--max-values", "5", "--ttl", "60", "--several-requests", "--subject", "p", "--json")
    ended = tool.run(service.environment(), *asked, *more)
    assert ended.objects == [{"session": SESSION, "expires": 1_800_000_000, "session_id": "an-id"}]
    limits = {"max_values": 5, "ttl_seconds": 60, "single_use": False, "subject": "p"}
    assert service.seen[-1].body == {"types": ["card_number", "text"], "origin": SHOP, **limits}
    sent = len(service.seen)
    assert tool.run(service.environment(), *asked, "--max-values", "0").code == 2
    assert len(service.seen) == sent

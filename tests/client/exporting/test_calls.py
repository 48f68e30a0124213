"""Exports through the client: each step with its own path and scope, and nothing sealed in a text of ours."""

import asyncio
from datetime import UTC, datetime

import pytest
from tokenvault_client import Conflict, Unavailable
from tokenvault_client.aio import AsyncClient

from tests.client.service import BEGUN, PAGE, Answer, Service, problem

PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"


def test_every_step(service: Service) -> None:
    """Asked, begun, a page: path and body; the answer as a frozen type."""
    exports = service.client().exports
    asked = exports.ask(PEM, purpose="moving", types=["card", "text"])
    assert asked.export is not None
    assert (asked.export.types, asked.export.recipient_sha256) == (("card", "text"), "ab" * 32)
    begun = exports.begin(PEM, purpose="moving", approval=asked.approval)
    assert begun.expires_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    page = exports.page(begun.opening, begun.cursor)
    assert (page.number, page.sealed, page.tokens, page.failed, page.walked) == (1, b"sealed", 3, 1, 0.5)
    assert [(seen.path, seen.body) for seen in service.seen] == [
        ("/v1/exports/approvals", {"recipient": PEM, "purpose": "moving", "types": ["card", "text"]}),
        ("/v1/exports", {"recipient": PEM, "purpose": "moving", "approval": asked.approval}),
        ("/v1/exports/pages", {"opening": BEGUN["opening"], "cursor": BEGUN["cursor"]}),
    ]
    assert not [secret for secret in (begun.opening, begun.cursor) if secret in repr((begun, page))]


def test_an_approval_that_is_used_up_is_a_conflict(service: Service) -> None:
    """And not sent again."""
    service.script.append(problem(409, "approval_not_usable"))
    with pytest.raises(Conflict):
        service.client().exports.begin(PEM, purpose="moving", approval="0a" * 16)
    assert len(service.seen) == 1


@pytest.mark.parametrize("changed", [{"sealed": "*"}, {"sealed": None}])
def test_an_answer_that_is_none(service: Service, changed: dict[str, object]) -> None:
    """What does not fit is the service's failure."""
    service.script.append(Answer(200, PAGE | changed))
    with pytest.raises(Unavailable, match="unexpected_answer"):
        service.client().exports.page("a", "b")


async def _asynchronously(service: Service) -> int:
    async with AsyncClient(service.settings()) as client:
        begun = await client.exports.begin(PEM, purpose="moving")
        return (await client.exports.page(begun.opening, begun.cursor)).number


def test_the_same_for_asyncio(service: Service) -> None:
    """Each step is awaited."""
    assert asyncio.run(_asynchronously(service)) == 1

"""The audit table: what it makes of items that somebody else put there."""

from typing import Any

import pytest

from chalicelib.audit.table import AuditTable


class Answering:
    """A client whose every query answers with these items."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = list(items)

    def query(self, **request: Any) -> dict[str, Any]:
        return {"Items": self.items}


def covered(*items: dict[str, Any]) -> str | None:
    client: Any = Answering(*items)
    return AuditTable(client, "audit").covered_until("#2027-01-15", "2027-01-15", "2027-01-16")


def test_the_last_checkpoint_says_how_far_it_reaches() -> None:
    """Its time is read as what it means; without one there is none."""
    assert covered({"until": {"S": "2027-01-15T13:00:00.000+01:00"}}) == "2027-01-15T12:00:00.000Z"
    assert covered() is None


@pytest.mark.parametrize(
    "item", [{}, {"until": {}}, *({"until": {"S": text}} for text in ("", "x", "2026-01-01T99", "~"))]
)
def test_an_item_that_is_no_checkpoint_covers_nothing(item: dict[str, Any]) -> None:
    """An attacker who writes to the table does not stop the maintenance function."""
    assert covered(item) is None

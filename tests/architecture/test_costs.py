"""The costs in `docs/operations.md`: sums are right, and access tokens are counted as clients fetch them."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from tokenvault_client import Retries, Settings
from tokenvault_client.blocking import asking, finished
from tokenvault_client.deadlines import Deadline
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import Response

ROOT: Final = Path(__file__).resolve().parents[2]
MONTH_MINUTES: Final = 730 * 60
PRICE: Final = 0.00225
TOKENIZING, BOTH_SIDES = "vault/tokenize vault/read", "vault/tokenize vault/detokenize"


def costs() -> str:
    page = (ROOT / "docs/operations.md").read_text()
    return page.split("## What it costs")[1].split("\n## ")[0]


def default_minutes() -> int:
    """How long an access token lasts, where Terraform is told nothing."""
    [default] = {
        found[1]
        for file in ("identity.tf", "modules/identity/variables.tf")
        if (
            found := re.search(
                r'"access_token_minutes" \{[^}]*?default += (\d+)', (ROOT / "terraform" / file).read_text()
            )
        )
    }
    return int(default)


@dataclass
class Endpoint:
    """Gives access tokens of so many minutes, and counts them."""

    minutes: int
    scopes: str
    given: int = 0
    now: float = field(default=0.0)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float | None = None,
    ) -> Response:
        self.given += 1
        granted = {"access_token": f"t{self.given}", "expires_in": self.minutes * 60, "scope": self.scopes}
        return Response(200, {}, json.dumps(granted).encode())

    def close(self) -> None: ...


def fetched(minutes: int, scopes: str) -> int:
    """How many access tokens a container fetches that is busy all month, with a request a minute or more."""
    endpoint = Endpoint(minutes, scopes)
    settings = Settings(*["https://vault.example"] * 2, *["x"] * 3)
    tokens = HeldTokens(settings, asking(endpoint, Retries(), clock=lambda: endpoint.now))
    for minute in range(MONTH_MINUTES):
        endpoint.now = minute * 60.0
        finished(tokens.get({"tokenize"}, Deadline.after(30)))
        if scopes == BOTH_SIDES:
            finished(tokens.get({"detokenize"}, Deadline.after(30)))
    return endpoint.given


def test_the_sums_of_the_costs_are_right() -> None:
    """The dollars of each table add up to its last line."""
    tables = costs().split("| what | sum | dollars |")[1:]
    assert len(tables) == 2
    for table in tables:
        lines, _, total = table.partition("| **sum** | | **")
        dollars = [float(line.split("|")[3]) for line in lines.splitlines()[2:] if line]
        assert round(sum(dollars), 2) == float(total.split("**")[0])


def test_a_container_fetches_what_the_table_counts() -> None:
    """As long as Terraform has them last, and as early as the client renews them."""
    minutes = default_minutes()
    count = fetched(minutes, TOKENIZING)
    row = f"one in {minutes - 1} minutes, {count:,} × {PRICE} | {count * PRICE:.2f} |"
    assert f"| access tokens | one container, busy all month: {row}" in costs()
    assert f"`access_token_minutes`, {minutes} by default" in costs()
    assert f"730 × 60 / {minutes - 1} =\n  {count:,} a month at most" in costs()
    assert f"**A hundred containers** busy all month: {count * PRICE * 100:.0f} dollars" in costs()


def test_longer_ones_cost_what_the_page_says() -> None:
    """An hour in place of the default."""
    count = fetched(60, TOKENIZING)
    assert count == math.ceil(MONTH_MINUTES / 59)
    said = f"With 60 minutes each fetches {count}: {count * PRICE:.2f} a\n  container"
    assert f"{said}, {count * PRICE * 100:.0f} a hundred" in costs()


@pytest.mark.parametrize(("scopes", "times"), [(TOKENIZING, 1), (BOTH_SIDES, 3)])
def test_a_client_of_both_sides_fetches_three(scopes: str, times: int) -> None:
    """One by which it learns what it may, and one a side."""
    assert fetched(60, scopes) == times * fetched(60, TOKENIZING)
    assert "fetches three where others fetch one" in costs()


def read_units(request: str) -> int:
    """What one value of such a request reads, as measured."""
    table = (ROOT / "docs/performance.md").read_text().split("### Operations")[1]
    row = next(line for line in table.splitlines() if line.startswith(f"| {request} |"))
    return int(row.split("|")[8]) // 1000


def test_deterministic_values_read_what_was_measured() -> None:
    """A million of them, new and known, alone and in batches; and a billion in the plan of a bulk import."""
    new = [read_units(f"tokenize kms, {n}") for n in (1, 100)]
    known = [read_units(f"tokenize kms, known, {n}") for n in (1, 100)]
    alone, batch = (f"{n} million × 0.125 = {n / 8 + 1e-9:.2f}" for n in new)
    assert f"{new[0]} read units alone and {new[1]} in a batch" in costs()
    assert f"{alone} more, in batches {batch}" in costs()
    said = "reads\n  {} ({:.2f}), or {} in a batch ({:.2f})"
    assert said.format(known[0], known[0] / 8 + 1e-9, known[1], known[1] / 8) in costs()
    plan = (ROOT / "docs/bulk.md").read_text()
    assert f"{new[1]} × 10⁹ × 0.125 / 1,000,000 = {new[1] * 125:,} dollars" in plan
    assert f"{new[1]} × 10⁹ / 40,000 = {new[1] * 10**9 / 40_000 / 3600:.0f} hours" in plan
    assert f"{known[1]} × 10⁹ × 0.125 / 1,000,000 = {known[1] * 125:,} dollars" in plan

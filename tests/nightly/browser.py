"""A page of another origin in real headless Chromium, against `make dev`: `make browser`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support import pages
from tests.support.running import Running

POLICY = """
[info_types.text]
[tenants.shop.clients.page]
actions = ["tokenize"]
throttle = { requests_per_second = 0.01, burst = 3 }
"""

ASK = """
  const ask = async (headers) => {
    const body = JSON.stringify({ items: [{ type: "text", value: "from a page" }] });
    try {
      const answer = await fetch(given.url, { method: "POST", headers, body });
      return { status: answer.status, body: await answer.json() };
    } catch (error) {
      return { refused: error.name };
    }
  };
  const known = { ...given.credentials, "Content-Type": "application/json", "Idempotency-Key": given.key };
  const answers = { made: await ask(known), unknown: await ask({ "Content-Type": "application/json" }) };
  answers.simple = await ask({});
  for (let i = 0; i < 5 && answers.fast?.status !== 429; i++) answers.fast = await ask(known);
  return answers;
"""


SHOPS = {"alone": ("127.0.0.1", "localhost"), "several": ("localhost", "127.0.0.1")}
"""Whose pages are the shop's, and whose are somebody else's: each name is allowed once, and refused once."""


@pytest.fixture(scope="module")
def site() -> Iterator[pages.Site]:
    """Where the pages come from, by two names that make two origins."""
    with pages.site() as made:
        yield made


@pytest.fixture(scope="module", params=["alone", "several"])
def running(
    request: pytest.FixtureRequest, site: pages.Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The stack whose answers pages of the shop may read, of it alone or of others, too."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "policy.toml").write_text(POLICY)
    others = ["https://office.example"] if request.param == "several" else []
    shop, _ = SHOPS[request.param]
    places = StackPaths(folder, free_port(), free_port())
    origins = [*others, f"http://{shop}:{site.port}"]
    stack = DevStack(places, print, folder / "policy.toml", origins)
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


def answers(running: Running, site: pages.Site, host: str, profile: Path) -> Any:
    """What a page that was asked for by this name gets to read."""
    client, token = running.client("page"), running.access_token("page", ["vault/tokenize"])
    given = {
        "url": f"{running.stack.places.url}/v1/tokenize",
        "key": "a-key-that-is-long-enough",
        "credentials": {"Authorization": f"Bearer {token}", "X-Api-Key": client["api_key"]},
    }
    return site.run(f"http://{host}:{site.port}", ASK, given, profile)


def test_a_page_reads_what_was_made_and_what_was_refused(
    running: Running, site: pages.Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No page of another origin reads anything, with a client's credentials neither; an allowed page reads a
    token, and the errors' bodies: of a function and of the gateway, also without a preflight."""
    ours, theirs = SHOPS[request.node.callspec.params["running"]]
    elsewhere = answers(running, site, theirs, tmp_path / "elsewhere")
    assert elsewhere == {name: {"refused": "TypeError"} for name in ("made", "unknown", "simple", "fast")}

    shop = answers(running, site, ours, tmp_path / "shop")
    assert shop["made"]["status"] == 200, shop
    assert shop["made"]["body"]["results"][0]["token"]
    assert (shop["unknown"]["status"], shop["unknown"]["body"]["code"]) == (401, "unauthenticated")
    assert (shop["simple"]["status"], shop["simple"]["body"]["code"]) == (401, "unauthenticated")
    assert (shop["fast"]["status"], shop["fast"]["body"]["code"]) == (429, "throttled")

"""What a page does with a capture session or an access token that is not its own, and how it reads refusals.

In real headless Chromium, against `make dev`: `make browser`.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support import pages
from tests.support.running import Running

CARD: Final = "4111111111111111"
OTHER: Final = "5555555555554444"
CALLBACK: Final = "http://127.0.0.1:43117/"
REFUSED: Final = {"refused": "TypeError"}
"""All that a page sees of an answer that it may not read, or of a request that its browser did not send."""

POLICY: Final = f"""
[info_types.card_number]
options = {{ keep_last = 4 }}
[info_types.known]
format = "text"
mode = "deterministic"

[tenants.shop.clients.checkout]
actions = ["capture", "read"]
deterministic_tokens_per_hour = 1

[tenants.shop.clients.settlement]
actions = ["detokenize"]
purposes = ["refund"]

[tenants.shop.clients.page]
actions = ["tokenize"]
types = ["card_number"]
throttle = {{ requests_per_second = 0.01, burst = 3 }}

[tenants.shop.clients.desk]
kind = "browser"
actions = ["detokenize", "detokenize.masked", "read", "tokenize"]
purposes = ["refund"]
callback_urls = ["{CALLBACK}"]

[tenants.shop.groups.support]
actions = ["detokenize.masked", "tokenize"]
reveals_per_hour = 3
"""

ASK: Final = """
  const ask = async ([path, credentials, body], more = {}) => {
    const headers = { ...credentials, "Content-Type": "application/json" };
    const sent = { method: "POST", headers, body: JSON.stringify(body), ...more };
    try {
      const answer = await fetch(given.url + path, sent);
      if (answer.type === "opaque") return { opaque: answer.status, text: await answer.text() };
      const { code, results } = await answer.json();
      return code ? { status: answer.status, code } : { status: answer.status, results };
    } catch (error) {
      return { refused: error.name };
    }
  };
"""

EACH: Final = """
  const answers = {};
  for (const [name, asked] of Object.entries(given.asked)) answers[name] = await ask(asked);
  return answers;
"""


class Origins:
    """The pages of one server by three names: the shop's, a partner's, and one that nobody allowed."""

    def __init__(self, port: int) -> None:
        self.shop, self.partner = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        self.evil = f"http://evil.localhost:{port}"  # Browsers resolve it to this machine (RFC 6761, 6.3).


@pytest.fixture(scope="module")
def site() -> Iterator[pages.Site]:
    with pages.site() as made:
        yield made


@pytest.fixture(scope="module")
def origins(site: pages.Site) -> Origins:
    return Origins(site.port)


@pytest.fixture(scope="module")
def running(origins: Origins, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack, whose answers pages of the shop and of its partner may read."""
    folder = tmp_path_factory.mktemp("stolen")
    (folder / "policy.toml").write_text(POLICY)
    places = StackPaths(folder, free_port(), free_port())
    stack = DevStack(places, print, folder / "policy.toml", [origins.shop, origins.partner])
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


@pytest.fixture
def at(running: Running, site: pages.Site, tmp_path: Path) -> Any:
    """Runs a script in a page of an origin, each time in a browser of its own."""

    def run(origin: str, asked: dict[str, Any], script: str = EACH) -> Any:
        given = {"url": running.stack.places.url, "asked": asked}
        profile = tmp_path / str(len(list(tmp_path.iterdir())))
        profile.mkdir()
        return site.run(origin, ASK + script, given, profile)

    return run


def session(running: Running, origin: str, **terms: Any) -> str:
    """A capture session as a back end begins it for its page."""
    body = {"types": ["card_number"], "origin": origin, **terms}
    answer = running.call("POST", "/v1/capture-sessions", "checkout", ["vault/capture"], body)
    assert answer.status == 201, answer.body
    return str(answer.body["session"])


def capturing(by: str, value: str = CARD, kind: str = "card_number") -> list[Any]:
    """A request by a capture session, as pages here take it."""
    return ["/v1/capture", {"Authorization": f"Capture {by}"}, {"items": [{"type": kind, "value": value}]}]


def captured(answer: Any) -> str:
    """The token of an answer."""
    assert answer["status"] == 200, answer
    return str(answer["results"][0]["token"])


def handled(running: Running) -> int:
    """How many captures the function was asked for."""
    return running.log("tokenize").count('"route":"/v1/capture"')


ANYHOW: Final = """
  const [path, credentials, body] = given.asked.stolen;
  const simple = { mode: "no-cors", headers: { "Content-Type": "text/plain" } };
  const framed = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data)));
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  const sent = { method: "POST", headers: credentials, body: JSON.stringify(body) };
  const fetched = JSON.stringify([given.url + path, sent]);
  frame.srcdoc = `<script>fetch(...${fetched}).then(() => "read", (e) => e.name)
    .then((said) => parent.postMessage([origin, said], "*"))<` + "/script>";
  document.body.append(frame);
  return {
    plain: await ask(given.asked.stolen),
    blind: await ask(given.asked.stolen, { mode: "no-cors" }),
    simple: await ask(given.asked.stolen, simple),
    framed: await framed,
  };
"""


def test_a_page_that_nobody_allowed_does_nothing_with_a_stolen_session(
    running: Running, origins: Origins, at: Any
) -> None:
    """Its browser asks first and then sends nothing, or sends it without the session and shows no answer; the
    same in a sandboxed frame, which has no origin. The session stays good for its own page."""
    by, before = session(running, origins.shop), handled(running)
    found = at(origins.evil, {"stolen": capturing(by)}, ANYHOW)
    assert found["plain"] == REFUSED
    assert found["framed"] == ["null", "TypeError"]
    for blind in (found["blind"], found["simple"]):
        assert blind in (REFUSED, {"opaque": 0, "text": ""})
    assert handled(running) == before
    assert captured(at(origins.shop, {"own": capturing(by)})["own"])
    assert handled(running) == before + 1


def test_an_allowed_page_reads_that_a_stolen_session_is_anothers(
    running: Running, origins: Origins, at: Any
) -> None:
    """Of two shops at one vault, neither uses the other's sessions; nor does a shop's own sandboxed frame."""
    by = session(running, origins.shop)
    found = at(origins.partner, {"stolen": capturing(by)}, ANYHOW)
    assert found["plain"] == {"status": 403, "code": "wrong_origin"}
    assert found["framed"] == ["null", "TypeError"]
    assert at(origins.shop, {"stolen": capturing(by)}, ANYHOW)["framed"] == ["null", "TypeError"]
    assert captured(at(origins.partner, {"own": capturing(session(running, origins.partner))})["own"])


def test_a_program_that_was_first_hands_a_value_in_and_the_page_is_told(
    running: Running, origins: Origins, at: Any
) -> None:
    """A program names any origin that it likes. It reads nothing, and the page learns that it is too late."""
    by = session(running, origins.shop)
    path, credentials, body = capturing(by, OTHER)
    sent = json.dumps(body, separators=(",", ":"))
    stolen = requests.post(
        f"{running.stack.places.url}{path}",
        data=sent,
        headers={**credentials, "Origin": origins.shop, "Content-Type": "application/json"},
        timeout=30,
    )
    assert stolen.status_code == 200
    late = at(origins.shop, {"own": capturing(by), "again": capturing(by, OTHER)})
    assert late["own"] == {"status": 409, "code": "capture_session_used"}
    assert captured(late["again"]) == stolen.json()["results"][0]["token"]


def test_a_page_reads_that_a_budget_is_used_up(running: Running, origins: Origins, at: Any) -> None:
    """As a 429 with its code; and a session that is not for it, or no session, as such."""
    by = session(running, origins.shop, types=["known"], max_values=5, single_use=False)
    asked = {str(n): capturing(by, f"guess {n}", "known") for n in range(2)}
    answers = at(origins.shop, {**asked, "no": capturing("e30.e30"), "other": capturing(by)})
    assert captured(answers["0"])
    assert answers["1"] == {"status": 429, "code": "budget_exceeded"}
    assert answers["no"] == {"status": 401, "code": "capture_session_invalid"}
    assert answers["other"]["results"][0]["error"]["code"] == "not_permitted"


def test_a_page_reads_that_its_client_is_throttled(running: Running, origins: Origins, at: Any) -> None:
    """An access token of its back end and the API key of a client of pages are as good as public: what is too
    much API Gateway refuses by itself, and the page reads that, too. In another page they are of no use."""
    key, token = running.client("page")["api_key"], running.access_token("page", ["vault/tokenize"])
    public = {"Authorization": f"Bearer {token}", "X-Api-Key": key}
    cards, texts = ({"items": [{"type": name, "value": OTHER}]} for name in ("card_number", "known"))
    asked = {"taken": cards, "other": texts, **{f"more{n}": cards for n in range(3)}}
    requested = {name: ["/v1/tokenize", public, body] for name, body in asked.items()}
    assert at(origins.evil, requested) == dict.fromkeys(asked, REFUSED)
    answers = at(origins.shop, requested)
    assert captured(answers["taken"])
    assert answers["other"]["results"][0]["error"]["code"] == "not_permitted"
    assert answers["more2"] == {"status": 429, "code": "throttled"}


def persons_token(running: Running, scopes: str) -> str:
    """An access token of the person in the group, as a script in their page would read it."""
    [desk] = running.stack.outputs["people"]["clients"]
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": desk["client_id"],
        "redirect_uri": CALLBACK,
        "scope": scopes,
        "state": "s",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "username": "shop-support",
    }
    authorize = running.stack.token_url.replace("/token", "/authorize")
    answer = requests.post(authorize, data=asked, allow_redirects=False, timeout=30)
    [code] = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    form |= {"client_id": desk["client_id"], "redirect_uri": CALLBACK}
    return str(requests.post(running.stack.token_url, data=form, timeout=30).json()["access_token"])


def test_what_a_stolen_access_token_of_a_person_opens(running: Running, origins: Origins, at: Any) -> None:
    """In a page that nobody allowed nothing; in an allowed one what the person's group and hour allow, but
    nothing where services call or values go in. The page reads each refusal."""
    token = captured(at(origins.shop, {"own": capturing(session(running, origins.shop))})["own"])
    stolen = {"Authorization": f"Bearer {persons_token(running, 'vault/detokenize.masked vault/detokenize')}"}
    items = {"items": [{"token": token}]}
    asked = {
        "full": ["/people/v1/detokenize", stolen, {**items, "purpose": "refund"}],
        "services": ["/v1/detokenize", stolen, {**items, "reveal": "masked"}],
        "tokenize": ["/people/v1/tokenize", stolen, {"items": [{"type": "card_number", "value": CARD}]}],
        "capture": ["/v1/capture", stolen, {"items": [{"type": "card_number", "value": CARD}]}],
        **{f"mask{n}": ["/people/v1/detokenize", stolen, {**items, "reveal": "masked"}] for n in range(4)},
    }
    assert at(origins.evil, asked) == dict.fromkeys(asked, REFUSED)
    answers = at(origins.shop, asked)
    assert answers["mask0"]["results"][0]["value"] == "************1111"
    assert answers["mask3"] == {"status": 429, "code": "budget_exceeded"}
    assert answers["full"] == {"status": 403, "code": "not_permitted"}
    assert answers["services"] == {"status": 403, "code": "invalid_api_key"}
    assert answers["tokenize"] == {"status": 401, "code": "unauthenticated"}
    assert answers["capture"] == {"status": 401, "code": "capture_session_invalid"}
    assert CARD not in json.dumps(answers)

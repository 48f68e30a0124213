"""The example shop in real headless Chromium, by the keyboard alone: `make browser`."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chalicelib.auth.capture_sessions import base64url
from local.example import ORIGIN, POLICY, ShopStack
from local.processes import free_port, wait_until
from local.stack import StackPaths
from tests.support.browser import Page, browser, holds
from tests.support.png import with_palette
from tests.support.shop_visits import (
    EXPIRES_PLACE,
    MARKED,
    MARKER,
    ORIGIN_PLACE,
    SPELLED,
    TIMERS,
    Shop,
    at_checkout,
    changed,
    done,
    new_session,
    order,
    pays,
    shows,
    signed_in,
)

CARD: Final = "5105105105105100"
MISTYPED: Final = "5105 1051 0510 5101"
OTHER: Final = "4111111111111111"
FEW_REVEALS: Final = """
[tenants.shop.groups.trainee]
actions = ["detokenize", "detokenize.masked"]
purposes = ["refund"]
reveals_per_hour = 12
"""
"""Masks are among them: enough for those of the orders here, and a few numbers."""

MOST_BYTES: Final = 40_000
"""Of a picture: it is kept for good with each change."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Open under its own policy, and with a group that may reveal little.

    After all tests no card that was typed or shown lies in the browser's files: caches, sessions, storages.
    """
    folder = tmp_path_factory.mktemp("shop")
    origin = f"http://localhost:{free_port()}"
    policy = POLICY.read_text().replace(ORIGIN, origin).replace("_hour = 20", "_hour = 200") + FEW_REVEALS
    (folder / "policy.toml").write_text(policy)
    places = StackPaths(folder, free_port(), free_port())
    stack = ShopStack(places, print, folder / "policy.toml", origin)
    try:
        stack.start()
        with browser(folder / "profile") as pipe:
            yield Shop(stack, origin, pipe)
        for card in (CARD, SPELLED, MISTYPED, OTHER):
            assert not holds(folder / "profile", card)
    finally:
        stack.stop()


@pytest.fixture
def page(shop: Shop) -> Iterator[Page]:
    """A tab. After each test the card is in nothing that the shop got, the tab kept, or anybody logged."""
    made = Page(shop.pipe)
    yield made
    stored = made.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    address = made.evaluate("location.href + JSON.stringify(history.state)")
    sent = json.dumps(made.sent_to(shop.origin))
    logs = [file.read_text(errors="replace") for file in sorted(shop.stack.places.logs.glob("*.log"))]
    assert logs
    for where in (sent, json.dumps(made.console()), stored, address, *logs):
        for card in (CARD, MISTYPED, OTHER):
            assert card.replace(" ", "") not in re.sub(r"[\s+-]|%20", "", where)
    made.close()


def pictured(page: Page, name: str, height: int) -> None:
    """Takes a picture, which goes where `PICTURES` says, if it does."""
    picture = with_palette(page.picture(1000, height))
    assert len(picture) < MOST_BYTES
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / name).write_bytes(picture)


def test_a_card_goes_to_the_vault_and_its_token_to_the_shop(shop: Shop, page: Page) -> None:
    """One request has the card, and that goes to the vault with the session alone."""
    token = order(shop, page)
    assert re.fullmatch(r"[0-9]{12}5100", token)
    assert page.text("#masked") == "************5100"
    [taken] = [request for request in page.sent_to(shop.vault) if request["method"] == "POST"]
    assert taken["url"] == f"{shop.vault}/v1/capture"
    assert json.loads(taken["postData"]) == {"items": [{"type": "card_number", "value": SPELLED}]}
    assert taken["headers"]["Authorization"].startswith("Capture ")
    assert "x-api-key" not in {name.lower() for name in taken["headers"]}
    listed = page.evaluate("fetch('/api/orders').then((answer) => answer.json())")
    assert listed[0]["card"] == token
    pictured(page, "shop-checkout.png", 420)


def test_a_mistyped_number_is_said_and_corrected(shop: Shop, page: Page) -> None:
    """Where a screen reader hears it, with the focus on the field, and in the same session."""
    at_checkout(shop, page)
    pays(page, MISTYPED)
    assert page.text("[role=alert]") == "This is no card number. Please check the digits."
    at = "[document.activeElement.id, document.activeElement.getAttribute('aria-invalid')]"
    assert page.evaluate(at) == ["card", "true"]
    pays(page, SPELLED)
    assert page.text("#token").endswith("5100")
    asked = [request["url"] for request in page.sent_to(shop.origin) if request["method"] == "POST"]
    assert asked == [f"{shop.origin}/api/capture-sessions", f"{shop.origin}/api/orders"]


def test_an_order_with_anything_but_its_own_token_is_refused(shop: Shop, page: Page) -> None:
    """Of another session, of none, and what the vault does not know; sent again, it is the same order."""
    token = order(shop, page)
    [posted] = [request for request in page.sent_to(shop.origin) if request["url"].endswith("/api/orders")]
    session_id = json.loads(posted["postData"])["session"]
    listed = page.evaluate("fetch('/api/orders').then((answer) => answer.json())")

    def answer(**body: Any) -> Any:
        sent = f"{{ method: 'POST', body: {json.dumps(json.dumps(body))} }}"
        return page.evaluate(f"fetch('/api/orders', {sent}).then(async (a) => [a.status, await a.json()])")

    assert answer(card=token, session=session_id) == [201, listed[0]]
    unknown = "9163629425901112"
    for body in (
        {"card": token, "session": "another"},
        {"card": token},
        {"card": unknown, "session": session_id},
    ):
        status, said = answer(**body)
        assert (status, said["detail"][:22]) == (422, "This card was not give")
    assert answer(card="4000")[0] == answer()[0] == 422


CAPTURES: Final = """(async () => {
  const { capture } = await import("/client/index.js");
  const answers = {};
  for (const [name, session, value] of GIVEN) {
    const items = [{ type: "card_number", value }];
    const taken = capture(URL, session, items, { retries: { attempts: 1 } });
    answers[name] = await taken.then(([one]) => one.token, (error) => `${error.name} ${error.code}`);
  }
  return answers;
})()"""


def test_a_page_reads_why_a_session_is_of_no_use(shop: Shop, page: Page) -> None:
    """Expired, of another origin, used for another card, made up; and a retry has the same token."""
    at_checkout(shop, page)
    good = new_session(page)
    given = [
        ("taken", good, CARD),
        ("again", good, CARD),
        ("used", good, OTHER),
        ("expired", changed(shop, new_session(page), EXPIRES_PLACE, 1_700_000_000), CARD),
        ("elsewhere", changed(shop, new_session(page), ORIGIN_PLACE, "https://other.example"), CARD),
        ("made_up", f"{base64url(b'[1]')}.{base64url(bytes(48))}", CARD),
    ]
    answers = page.evaluate(
        CAPTURES.replace("GIVEN", json.dumps(given)).replace("URL", json.dumps(shop.vault))
    )
    token = answers.pop("taken")
    assert re.fullmatch(r"[0-9]{12}5100", token)
    assert answers == {
        "again": token,
        "used": "Conflict capture_session_used",
        "expired": "Unauthenticated capture_session_expired",
        "elsewhere": "NotPermitted wrong_origin",
        "made_up": "Unauthenticated capture_session_invalid",
    }


def test_a_checkout_that_took_too_long_goes_on_with_another_session(shop: Shop, page: Page) -> None:
    """The page says so, and the next press of the button is all that it takes."""
    at_checkout(shop, page)
    late = json.dumps({"session": changed(shop, new_session(page), EXPIRES_PLACE, 1_700_000_000), "id": "-"})
    page.evaluate(
        "(() => { const real = fetch; window.fetch = (...asked) => {"
        " if (asked[0] !== '/api/capture-sessions') return real(...asked);"
        f" window.fetch = real; return Promise.resolve(new Response({json.dumps(late)})); }}; }})()"
    )
    pays(page, SPELLED)
    assert page.text("#error") == "This took too long. Please press Pay again."
    page.press("Enter")
    page.until("!document.querySelector('#done').hidden")
    assert page.text("#token").endswith("5100")


def test_no_form_and_no_foreign_script_gets_the_card(shop: Shop, page: Page) -> None:
    """Without the page's script a form goes nowhere, and a script that was slipped in does not run."""
    at_checkout(shop, page)
    page.type(SPELLED)
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('#form'))")
    slipped = "const made = document.createElement('script'); made.textContent = 'window.ran = 1';"
    refused = (
        f"(() => {{ try {{ {slipped} document.body.append(made); }} catch (e) {{ return e.name; }} }})()"
    )
    assert page.evaluate(refused) == "TypeError"  # Trusted Types
    assert page.evaluate("typeof window.ran") == "undefined"
    makes = "trustedTypes.createPolicy('mine', { createScript: (text) => text })"
    assert page.evaluate(f"(() => {{ try {{ {makes}; }} catch (e) {{ return e.name; }} }})()") == "TypeError"
    assert page.evaluate("fetch('https://elsewhere.example').catch((error) => error.name)") == "TypeError"
    assert [request["method"] for request in page.sent_to(shop.origin) if request["method"] != "GET"] == []
    assert page.evaluate("location.pathname + location.search") == "/"


def test_a_browser_keeps_no_card_that_was_typed(shop: Shop, page: Page) -> None:
    """Not on its disk, where it writes what stands in fields to restore a tab, and not for the way back."""
    profile = shop.stack.places.state / "profile"
    at_checkout(shop, page)
    page.type(SPELLED)
    page.evaluate(MARKED)
    assert wait_until(lambda: holds(profile, MARKER), 20), "the browser has not written what stands in fields"
    assert not holds(profile, SPELLED)
    page.evaluate("location.assign('/office')")
    page.until("location.pathname === '/office' && !document.querySelector('#door').hidden")
    page.evaluate("history.back()")
    page.until("location.pathname === '/' && !document.querySelector('#submit').disabled")
    assert page.evaluate("[...document.querySelectorAll('input')].map((field) => field.value)") == [""]
    assert page.evaluate("document.querySelector('#card').autocomplete") == "cc-number"
    assert not holds(profile, SPELLED)


def test_another_name_of_this_machine_is_not_the_shop(shop: Shop, page: Page) -> None:
    """A page whose name resolves here (DNS rebinding) is of one origin with the answer, and reads nothing."""
    order(shop, page)
    elsewhere = shop.origin.replace("//localhost", "//evil.localhost")
    page.open(f"{elsewhere}/office")
    assert page.text("body") == '{"detail": "This is not the name of the shop."}'
    asked = "fetch('/api/orders').then(async (answer) => [answer.status, (await answer.text()).length])"
    assert page.evaluate(asked) == [421, 47]
    begins = "fetch('/api/capture-sessions', { method: 'POST', body: '{}' }).then((answer) => answer.status)"
    assert page.evaluate(begins) == 421


def test_support_sees_masks_and_is_refused_a_number(shop: Shop, page: Page) -> None:
    """As the group may, in words; and nothing of the sign-in stays in the tab's address or storage."""
    order(shop, page)
    signed_in(shop, page, "shop-support")
    assert page.text("#name") == "shop-support"
    assert page.text("[data-order]") == "************5100"
    assert shows(page) == "Your group may not do this."
    assert page.evaluate("document.querySelectorAll('.shown').length") == 0
    assert page.evaluate("[location.search, sessionStorage.length, localStorage.length]") == ["", 0, 0]


def test_a_sign_in_that_this_tab_did_not_begin_signs_nobody_in(shop: Shop, page: Page) -> None:
    """As when another page sends somebody here with a code of its own."""
    page.open(f"{shop.origin}/office?code=another&state=another")
    page.until("!document.querySelector('#door').hidden")
    assert "begin again" in page.text("#error")
    assert page.evaluate("location.search") == ""
    assert page.sent_to(shop.stack.account.endpoint) == []


def test_who_manages_sees_a_number_for_a_purpose(shop: Shop, page: Page) -> None:
    """The purpose that was chosen goes along; a look elsewhere hides the number again."""
    order(shop, page)
    signed_in(shop, page, "shop-manager")
    assert shows(page) == ""
    assert page.text(".shown") == CARD
    [asked] = [request for request in page.sent_to(shop.vault) if "purpose" in request.get("postData", "")]
    assert json.loads(asked["postData"])["purpose"] == "refund"
    pictured(page, "shop-office.png", 600)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.text("[data-order]") == "************5100"


def test_a_number_that_was_shown_twice_is_hidden_as_well(shop: Shop, page: Page) -> None:
    """By the last timer, by a look elsewhere, and no sooner than the last showing wants."""
    order(shop, page)
    signed_in(shop, page, "shop-manager")
    page.evaluate(TIMERS)
    for _ in range(2):
        assert shows(page) == ""
        assert page.text("[data-order]") == CARD
    assert page.evaluate("waiting.size") == 1
    page.evaluate("[...waiting.values()].forEach((run) => run())")
    assert page.text("[data-order]") == "************5100"
    for _ in range(2):
        assert shows(page) == ""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.text("[data-order]") == "************5100"
    assert page.evaluate("document.querySelectorAll('.shown').length") == 0


def test_who_used_up_an_hour_reads_so(shop: Shop, page: Page) -> None:
    """The page reads the 429, and what was shown before stays."""
    order(shop, page)
    signed_in(shop, page, "shop-trainee")
    said = ""
    for _ in range(12):
        said = said or shows(page)
    assert said == "You have used up what you may reveal in an hour."
    assert 429 in {event["response"]["status"] for event in page.events("Network.responseReceived")}


def test_who_is_erased_is_gone_and_the_receipt_says_so(shop: Shop, page: Page, tmp_path: Path) -> None:
    """After a question; then nobody sees even a mask, and whoever signs out stays out."""
    order(shop, page)
    signed_in(shop, page, "shop-manager")
    page.tab_to("#customer")
    page.type("customer-17")
    page.press("Enter")
    page.until("document.querySelector('#confirm').open")
    page.press("Escape")
    page.until("!document.querySelector('#confirm').open")
    page.press("Enter")
    page.until("document.querySelector('#confirm').open")
    page.tab_to("[value=yes]")
    page.press("Enter")
    page.until("!document.querySelector('#receipt').hidden")
    done(page)
    assert page.text("#receipt-subject") == "customer-17"
    shop.pipe.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.tab_to("#download")
    page.press("Enter")
    assert wait_until(lambda: any(tmp_path.glob("erased-*.json")), 10)
    [saved] = tmp_path.glob("erased-*.json")
    receipt = json.loads(saved.read_text())
    assert receipt["receipt"]["subject"] == "customer-17"
    assert receipt["jws"].count(".") == 2
    page.tab_to("#leave")
    page.press("Enter")
    page.until("!document.querySelector('#door').hidden")
    assert page.text("#orders") == ""
    *_, last = page.sent_to(shop.stack.account.endpoint)
    assert last["url"].endswith("/oauth2/revoke")

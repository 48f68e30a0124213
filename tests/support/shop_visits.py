"""What people do in the example shop, by the keyboard alone."""

import json
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.auth.capture_sessions import parts, text
from chalicelib.crypto.kms import MacKey
from chalicelib.crypto.prf import session_mac_message
from local.example import ShopStack
from tests.support.browser import Page, Pipe

SPELLED: Final = "5105 1051 0510 5100"
"""A card number as people type it."""

MARKER: Final = "a marker that a browser keeps"
MARKED: Final = f"""(() => {{
  const made = document.createElement("input");
  document.body.append(made);
  made.value = "{MARKER}";
}})()"""

TIMERS: Final = """(() => {
  const [start, stop] = [window.setTimeout, window.clearTimeout];
  window.waiting = new Map();
  window.setTimeout = (run, after) => {
    if (after < 25_000) return start(run, after);
    waiting.set(-1 - waiting.size, run);
    return -waiting.size;
  };
  window.clearTimeout = (id) => { if (!waiting.delete(id)) stop(id); };
})()"""
"""Long timers wait for the test."""


@dataclass
class Shop:
    """The shop, open, and a browser."""

    stack: ShopStack
    origin: str
    pipe: Pipe

    @property
    def vault(self) -> str:
        return str(self.stack.places.url)


def at_checkout(shop: Shop, page: Page) -> None:
    """Opens the checkout, and tabs to the card."""
    page.open(f"{shop.origin}/")
    page.until("!document.querySelector('#submit').disabled")
    page.tab_to("#card")


def pays(page: Page, number: str) -> None:
    """Types a number over what is there, and presses Enter."""
    page.evaluate("document.querySelector('#card').select()")
    page.type(number)
    page.press("Enter")
    page.until(
        "!document.querySelector('#submit').disabled && (document.querySelector('#error').textContent"
        " || !document.querySelector('#done').hidden)"
    )


def order(shop: Shop, page: Page) -> str:
    """Pays, and gives the token."""
    at_checkout(shop, page)
    pays(page, SPELLED)
    return page.text("#token")


def signed_in(shop: Shop, page: Page, user: str) -> None:
    """Opens the back office, and signs in."""
    page.open(f"{shop.origin}/office")
    page.until("!document.querySelector('#door').hidden")
    page.tab_to("#enter")
    page.press("Enter")
    page.until("location.pathname === '/oauth2/authorize' && document.querySelector('button')")
    page.tab_to(f"button[value={user}]")
    page.press("Enter")
    page.until("location.pathname === '/office' && !document.querySelector('#desk').hidden")
    done(page)


def done(page: Page) -> None:
    """Waits until the back office did what it was asked for."""
    page.until("!document.querySelector('#status').textContent")


def shows(page: Page) -> str:
    """Asks for the number of the first order; what is said against it."""
    page.tab_to("td button")
    page.press("Enter")
    page.until("document.querySelector('.shown') || document.querySelector('#error').textContent")
    done(page)
    return page.text("#error")


ORIGIN_PLACE, EXPIRES_PLACE = 5, 9


def new_session(page: Page) -> str:
    """A session as the shop's back end gives it to its pages."""
    ask = "fetch('/api/capture-sessions', { method: 'POST', body: '{}' }).then((answer) => answer.json())"
    return str(page.evaluate(ask)["session"])


def changed(shop: Shop, session: str, place: int, value: Any) -> str:
    """A session with another field, and a MAC that is right: it takes the vault's own key."""
    found = parts(session)
    assert found is not None
    payload = json.loads(found[0])
    payload[place] = value
    signed = json.dumps(payload, separators=(",", ":")).encode()
    kms = shop.stack.account.client("kms")
    aliases = {alias["AliasName"]: alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]}
    [key] = [target for name, target in aliases.items() if name.endswith("-hmac") and target]
    mac = MacKey(kms, key).generate(session_mac_message(shop.stack.outputs["vault_id"], signed))
    return text(signed, mac)

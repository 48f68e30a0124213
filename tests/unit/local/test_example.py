"""The example shop: what it is told, and what its back end keeps."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.dev import policy
from local.errors import StepError
from local.example import FOLDER, ORIGIN, POLICY, variables

CHECKOUT = {
    "name": "checkout",
    "scopes": ["vault/capture", "vault/read"],
    "client_id": "an-id",
    "client_secret": "a-secret",
    "api_key": "a-key",
}
OFFICE = {"name": "office", "client_id": "another", "callback_urls": [f"{ORIGIN}/office"]}


def part(name: str) -> Any:
    """A module of the shop, which is no package."""
    found = importlib.util.spec_from_file_location(f"shop_{name}", Path(FOLDER) / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    made: ModuleType = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def given(clients: list[dict[str, Any]], people: list[dict[str, Any]]) -> dict[str, str]:
    return variables(clients, people, "http://127.0.0.1:8000", "http://127.0.0.1:4566/oauth2/token", ORIGIN)


def test_the_shop_is_told_the_secrets_of_its_own_client_alone() -> None:
    """And of the one that people sign in to, who it is."""
    other = {**CHECKOUT, "name": "clinic", "scopes": ["vault/tokenize"], "client_secret": "another-secret"}
    environment = given([other, CHECKOUT], [OFFICE])
    assert (environment["TOKENVAULT_CLIENT_ID"], environment["TOKENVAULT_CLIENT_SECRET"]) == (
        "an-id",
        "a-secret",
    )
    assert environment["SHOP_PEOPLE_CLIENT_ID"] == "another"
    assert "another-secret" not in environment.values()


@pytest.mark.parametrize(
    ("clients", "people"),
    [([], [OFFICE]), ([CHECKOUT], []), ([CHECKOUT], [{**OFFICE, "callback_urls": [f"{ORIGIN}/"]}])],
    ids=["nobody captures", "nobody signs in", "people come back elsewhere"],
)
def test_a_stack_of_another_policy_is_refused_with_what_to_do(
    clients: list[dict[str, Any]], people: list[dict[str, Any]]
) -> None:
    """Before the shop opens."""
    with pytest.raises(StepError, match="`make down` takes it down, and `make example` starts"):
        given(clients, people)


def test_the_policy_of_the_shop_brings_people_back_to_it() -> None:
    """To the address that the launcher opens."""
    urls = policy.load(POLICY, "a-vault").callback_urls
    assert urls["shop", "office"] == [f"{ORIGIN}/office"]


@pytest.mark.parametrize(
    "number", ["4111111111111111", "5105105105105100", "378282246310005", "6011000990139424"]
)
def test_no_card_number_is_kept(number: str) -> None:
    """A page that sent one by mistake is refused, without the number."""
    orders = part("orders")
    with pytest.raises(orders.Refused) as refused:
        orders.token_of_card(number)
    assert number not in str(refused.value)


@pytest.mark.parametrize("value", [None, 7, "", "9163 6294 2590 1111", "9" * 20, "٩" * 16], ids=repr)
def test_what_is_no_token_is_not_kept(value: object) -> None:
    """A token of a card is digits, as many as a card has."""
    orders = part("orders")
    with pytest.raises(orders.Refused):
        orders.token_of_card(value)


def test_a_checkout_ends_in_one_order() -> None:
    """Sent again it is the same one; with another card, or of no checkout that began, it is refused."""
    module = part("orders")
    orders = module.Orders()
    orders.begin("a-session", "customer-17")
    order = orders.add("a-session", "customer-17", "a pot", "9163629425901111")
    assert orders.add("a-session", "customer-17", "a pot", "9163629425901111") is order
    for checkout, card in (("a-session", "9163629425902222"), ("another", order.card), (None, order.card)):
        with pytest.raises(module.Refused):
            orders.add(checkout, "customer-17", "a pot", card)
    assert orders.all() == [order]


def test_a_checkout_is_the_customers_who_began_it() -> None:
    """Who was lured into finishing somebody else's orders nothing in it, nor sees that order."""
    module = part("orders")
    orders = module.Orders()
    orders.begin("a-session", "customer-17")
    for _ in range(2):
        with pytest.raises(module.Refused):
            orders.add("a-session", "customer-18", "a pot", "9163629425901111")
        orders.add("a-session", "customer-17", "a pot", "9163629425901111")
    assert [order.customer for order in orders.all()] == ["customer-17"]


@pytest.mark.parametrize("word", ["unsafe-inline", "unsafe-eval", "*", "data:"])
def test_no_foreign_script_runs_in_its_pages(word: str) -> None:
    """Scripts and styles are files of the shop; requests go to it and to the vault."""
    found = part("settings").Settings(
        ORIGIN, "https://vault.example/v", "https://auth.example/oauth2/token", "id"
    )
    csp = found.content_security_policy()
    assert word not in csp
    assert "connect-src 'self' https://vault.example https://auth.example;" in csp
    assert "script-src 'self'; style-src 'self';" in csp

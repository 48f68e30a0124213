"""People sign in at the stack's own user pool, and call the API below `/people` as themselves."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin

import pytest
import requests
from tokenvault_client.people import Attempt

from local.caller import Answer
from tests.support.faults import dumps
from tests.support.running import Running

PORT: Final = 43117
"""One of those that a client's `callback_urls` have by default; nothing listens there."""
PASSWORD: Final = "Correct-horse-battery-1"  # of a pool that is gone after the tests
CARD: Final = "4111111111111111"


class Form(HTMLParser):
    """The form of a page to sign in at, as a person sees it: what it sends, and where to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the fields; a button that has a name is a choice, and is made by what is filled in."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        if tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")


@dataclass
class Person:
    """Somebody of the pool of a running stack."""

    running: Running
    name: str
    tokens: dict[str, Any] = field(default_factory=dict, repr=False)

    def join(self, *groups: str) -> "Person":
        """Is made by an administrator, with a password, and put into groups."""
        cognito, pool = self._cognito, self.running.stack.outputs["user_pool_id"]
        who = {"UserPoolId": pool, "Username": self.name}
        cognito.admin_create_user(**who, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(**who, GroupName=group)
        return self

    def sign_in(self, *scopes: str) -> "Person":
        """By authorization code with PKCE, through the page that the pool shows."""
        attempt = Attempt.new(self._desk["client_id"], PORT, scopes)
        form = {"grant_type": "authorization_code", "code": attempt.code(self._sent_on(attempt))}
        self.tokens = self._granted(
            form | {"redirect_uri": attempt.redirect_uri, "code_verifier": attempt.verifier}
        )
        return self

    def renewed(self) -> "Person":
        """The same, by the refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        return replace(self, tokens=self._granted(form))

    def detokenize(self, token: str, prefix: str = "/people", **more: str) -> Answer:
        """Asks for a value by the access token alone."""
        body = {"items": [{"token": token}], "purpose": "refund", **more}
        return self.running.raw("POST", f"{prefix}/v1/detokenize", self.tokens["access_token"], None, body)

    @property
    def _cognito(self) -> Any:
        return self.running.stack.account.client("cognito-idp")

    @property
    def _desk(self) -> Any:
        return next(one for one in self.running.stack.outputs["people"]["clients"] if one["name"] == "desk")

    def _sent_on(self, attempt: Attempt) -> str:
        """Where the page sends the browser once name and password, if it asks for one, are filled in."""
        page = requests.get(attempt.url(f"{self._folder}/authorize"), timeout=30)
        form = Form(page.text)
        filled = form.fields | {"username": self.name, "password": PASSWORD}
        where = urljoin(page.url, form.action)
        return requests.post(where, filled, timeout=30, allow_redirects=False).headers["Location"]

    def _granted(self, form: dict[str, str]) -> dict[str, Any]:
        sent = {"client_id": self._desk["client_id"], **form}
        answer = requests.post(f"{self._folder}/token", sent, timeout=30)
        assert answer.status_code == 200, answer.json()["error"]
        return dict(answer.json())

    @property
    def _folder(self) -> str:
        return self.running.stack.token_url.removesuffix("/token")


@pytest.fixture(scope="session")
def anna(running: Running) -> Person:
    """Who does refunds, and has signed in."""
    return Person(running, "anna").join("shop/refunds").sign_in("vault/detokenize")


def card(running: Running) -> str:
    """The token of a card of the shop's."""
    [made] = running.tokenize({"type": "card_number", "value": CARD}).body["results"]
    return str(made["token"])


def revealed(answer: Answer) -> bool:
    """Whether that card came back."""
    return answer.status == 200 and answer.body["results"][0]["value"] == CARD


def test_a_person_sees_what_the_group_may(anna: Person, running: Running) -> None:
    """The group has the type, the purpose and the action; the access token's scope allows it."""
    assert revealed(anna.detokenize(card(running)))


def test_a_renewed_access_token_allows_the_same(anna: Person, running: Running) -> None:
    """The groups are in what a refresh token gives, too."""
    assert revealed(anna.renewed().detokenize(card(running)))


def test_a_person_without_a_group_sees_nothing(running: Running) -> None:
    """The client's own permissions are nobody's."""
    answer = Person(running, "berta").join().sign_in("vault/detokenize").detokenize(card(running))
    assert (answer.status, answer.body["code"]) == (403, "not_permitted")


def test_the_paths_of_services_are_none_of_people(anna: Person, running: Running) -> None:
    """They ask for an API key, which nobody has who signs in."""
    assert anna.detokenize(card(running), prefix="").status == 403


def test_who_signed_in_is_on_record(anna: Person, running: Running) -> None:
    """By the name in the pool, beside the client's."""
    token = card(running)
    assert revealed(anna.detokenize(token))
    table = running.stack.outputs["tables"]["audit"]
    events = running.stack.account.client("dynamodb").scan(TableName=table)["Items"]
    [event] = [event for event in events if token in dumps(event)]
    assert (event["client"]["S"], event["username"]["S"]) == ("desk", "anna")

"""What Terraform's provider asks twice is done once, and what anybody else asks twice is done twice."""

from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from local.emulator.retries import KEPT, AnsweredOnce

PROVIDER = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0 aws-sdk-go-v2/1.36.3"


class Account:
    """Makes one thing more with each request, unless it is to fail."""

    def __init__(self) -> None:
        self.made, self.failing = 0, 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        asked = Request(environ).get_data(as_text=True)
        if self.failing:
            self.failing -= 1
            return Response("no", 500)(environ, start_response)
        self.made += 1
        return Response(f"{asked} {self.made}", headers={"x-made": str(self.made)})(environ, start_response)


@pytest.fixture
def account() -> Account:
    """An account with nothing in it."""
    return Account()


@pytest.fixture
def web(account: Account) -> Client:
    """Requests to it, through what remembers answers."""
    return Client(AnsweredOnce(account))


def ask(web: Client, call: str | None, agent: str = PROVIDER) -> tuple[int, str, str | None]:
    """Status, body and a header of the answer."""
    marked = {"amz-sdk-invocation-id": call} if call else {}
    answer = web.post("/", data="key", headers={"User-Agent": agent, **marked})
    return answer.status_code, answer.text, answer.headers.get("x-made")


def test_another_attempt_gets_the_same_answer(web: Client, account: Account) -> None:
    """Status, headers and body; and another call its own."""
    assert ask(web, "a") == ask(web, "a") == (200, "key 1", "1")
    assert ask(web, "b") == (200, "key 2", "2")
    assert account.made == 2


def test_what_failed_is_tried_again(web: Client, account: Account) -> None:
    """An error is no answer to keep."""
    account.failing = 1
    assert [ask(web, "a")[0] for _ in range(3)] == [500, 200, 200]
    assert account.made == 1


@pytest.mark.parametrize("agent", ["Boto3/1.40 md/Botocore#1.40", "aws-cli/2.15"])
def test_another_client_is_answered_anew(web: Client, agent: str) -> None:
    """Tests lose answers on purpose, and the account is to hold what was done."""
    assert [ask(web, "a", agent)[1] for _ in range(2)] == ["key 1", "key 2"]


def test_a_request_without_a_mark_is_answered_anew(web: Client) -> None:
    """Nothing tells that it is the same."""
    assert [ask(web, None)[1] for _ in range(2)] == ["key 1", "key 2"]


def test_old_answers_are_forgotten(web: Client, account: Account) -> None:
    """The emulator may serve for days."""
    for number in range(KEPT + 1):
        ask(web, str(number))
    assert ask(web, "1") == (200, "key 2", "2")
    assert ask(web, "0")[1] == f"key {KEPT + 2}"

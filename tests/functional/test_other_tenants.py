"""What belongs to another tenant answers as what never was: the same body, status and calls to AWS.

The clinic's `intake` may do everything for its own tenant. Whatever it names here exists for the shop, and
nowhere else; beside each attempt stands the same with something that nobody has.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.answers import tokens
from tests.support.values import batch, cached, kms, of_a_subject
from tests.support.world import Answer, World

KEY, OTHER_KEY = "k" * 22, "l" * 22
ITEMS = [{**item, "metadata": {"order": "7"}} for item in of_a_subject(1)]
OTHER_ITEMS = of_a_subject(3)


class Theirs:
    """Something of the shop's, and how it looks to name it or what is like it but nobody's."""

    def __init__(self, account: World) -> None:
        self.made = tokens(account.tokenize(*ITEMS, idempotency_key=KEY))
        self.nobodys = tokens(account.tokenize(*OTHER_ITEMS))
        """Tokens of the same types that nobody has any more."""
        for token in self.nobodys:
            for item in account.items("vault"):
                if item["pk"]["S"] == f"shop#{token}":
                    account.dynamodb.delete_item(TableName="vault", Key={"pk": item["pk"], "sk": item["sk"]})
        self.account = account
        account.restart()

    @property
    def stored(self) -> list[dict[str, Any]]:
        """What the vault holds of the shop."""
        return [item for item in self.account.items("vault") if item["pk"]["S"].startswith("shop#")]

    def seen(self, attempt: Callable[..., Answer], *named: Any, **options: Any) -> tuple[int, Any, list[str]]:
        """An answer but for the request's own id, and the calls that it took."""
        self.account.calls.clear()
        answer = attempt(self.account, *named, **options)
        body = {name: part for name, part in (answer.body or {}).items() if name != "request_id"}
        return answer.status, body, sorted(self.account.calls)


@pytest.fixture
def theirs(account: World) -> Theirs:
    made = Theirs(account)
    # Both containers are warm for the clinic too, so what differs is not what they had to load.
    own = tokens(account.tokenize(*kms(9), *cached(9), client="intake"))
    account.detokenize(*own, client="intake", purpose="treatment")
    account.facts(own[0], client="intake")
    return made


def detokenize(account: World, *named: str, **options: Any) -> Answer:
    return account.detokenize(*named, client="intake", purpose="treatment", **options)


def masked(account: World, *named: str) -> Answer:
    body = {"items": [{"token": token} for token in named], "reveal": "masked"}
    return account.detokenize(client="intake", json_body=body)


BY_TOKEN: dict[str, Callable[[World, str], Answer]] = {
    "detokenize": detokenize,
    "masked": masked,
    "facts": lambda account, token: account.facts(token, client="intake"),
    "erase": lambda account, token: account.erase(client="intake", token=token),
}


@pytest.mark.parametrize("route", BY_TOKEN.values(), ids=BY_TOKEN.keys())
def test_a_token(theirs: Theirs, route: Callable[[World, str], Answer]) -> None:
    """Detokenizing, facts and erasing: the shop's tokens of every kind, subjects' among them."""
    before = theirs.stored
    for token, nobodys in zip(theirs.made, theirs.nobodys, strict=True):
        attempts = [theirs.seen(route, named) for named in (token, nobodys)]
        assert attempts[0] == attempts[1]
    assert theirs.stored == before
    assert theirs.account.detokenize(*theirs.made).body["results"][0]["value"] == ITEMS[0]["value"]


def test_a_batch_of_tokens(theirs: Theirs) -> None:
    """Side by side with one's own, too."""
    own = tokens(theirs.account.tokenize(*batch(5), client="intake"))
    detokenize(theirs.account, *own)
    assert theirs.seen(detokenize, *own, *theirs.made) == theirs.seen(detokenize, *own, *theirs.nobodys)


def test_a_search(theirs: Theirs) -> None:
    """A value that the shop has a token for, with its subject and without, is as unknown as any."""
    bare = [{name: part for name, part in item.items() if name in ("type", "value")} for item in ITEMS[2:]]
    with_subject = [{**item, "subject": "person-1"} for item in bare]
    theirs.account.search(*bare, client="intake")  # the container's first event begins its audit chain
    for known, never in ((bare, [*kms(77), *cached(77)]), (with_subject, of_a_subject(77)[2:])):
        attempts = [theirs.seen(World.search, *items, client="intake") for items in (known, never)]
        assert attempts[0] == attempts[1]
        assert [entry["error"]["code"] for entry in attempts[0][1]["results"]] == ["token_not_found"] * 2


def test_an_idempotency_key(theirs: Theirs) -> None:
    """A key that the shop has used is free for others: no conflict, no answer of the shop's."""
    items = [{"type": "text", "value": "x"}, *batch(3)]
    answers = [
        theirs.seen(World.tokenize, *items, client="intake", idempotency_key=key) for key in (KEY, OTHER_KEY)
    ]
    assert [(status, len(body["results"])) for status, body, _ in answers] == [(200, 7)] * 2
    first, second = ({entry["token"] for entry in body["results"]} for _, body, _ in answers)
    assert not (first | second) & set(theirs.made)
    same = {i for i, item in enumerate(items) if item["type"] == "card_known"}
    assert len(first & second) == len(same)
    # The second time the deterministic ones and the subject are known: one read in place of their writes.
    again = [
        theirs.seen(World.tokenize, *items, client="intake", idempotency_key=key) for key in (KEY, OTHER_KEY)
    ]
    assert again[0][2] == again[1][2]


def test_a_clients_own_idempotency_key(theirs: Theirs) -> None:
    """A key belongs to the client that used it: the very request of the shop is a new one for the clinic."""
    answer = theirs.account.tokenize(*ITEMS, client="intake", idempotency_key=KEY)
    made = tokens(answer)
    assert not set(made) & set(theirs.made)
    assert detokenize(theirs.account, *made).body["results"][0]["value"] == ITEMS[0]["value"]


def test_a_subject(theirs: Theirs) -> None:
    """Erasing the shop's subject erases nobody of the shop, and its receipt says what a stranger's says."""
    attempts = [theirs.seen(World.erase, client="intake", subject=name) for name in ("person-1", "person-2")]
    for _, body, _ in attempts:
        receipt = body["receipt"]
        assert (receipt["tenant"], receipt["secrets_destroyed"], receipt["tokens_closed"]) == ("clinic", 0, 0)
    assert [(status, calls) for status, _, calls in attempts] == [(attempts[0][0], attempts[0][2])] * 2
    assert tokens(theirs.account.tokenize(*ITEMS))[2:] == theirs.made[2:]
    assert theirs.account.detokenize(*theirs.made).body["results"][3]["value"] == ITEMS[3]["value"]


def test_what_a_subject_has(theirs: Theirs) -> None:
    """The shop's subject has as little as one that nobody has: the same answer for the same calls."""
    theirs.account.subject("person-1", client="intake")  # the first event begins the audit chain
    attempts = [theirs.seen(World.subject, name, client="intake") for name in ("person-1", "person-2")]
    assert attempts[0] == attempts[1]
    assert attempts[0][1] == {"tokens": [], "failed": [], "erased_at": None, "next_cursor": None}


def test_a_value_of_a_subject(theirs: Theirs) -> None:
    """The same value under the same id of a subject is another token, for as many calls as a new one."""
    attempts = [
        theirs.seen(World.tokenize, *items, client="intake")
        for items in (ITEMS, [{**item, "metadata": {"order": "7"}} for item in of_a_subject(2)])
    ]
    assert attempts[0][2] == attempts[1][2]
    assert not {entry["token"] for entry in attempts[0][1]["results"]} & set(theirs.made)

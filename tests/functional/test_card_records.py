"""Cards as records: one token for number, expiry and holder, of which a reveal may show some and says so."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.world import Answer, World, world

NUMBER, OTHER = "4111111111111111", "5555555555554444"
CARD = {"number": NUMBER, "expiry": "2027-12", "holder": "Ada Lovelace"}
NUMBER_ONLY = {"number": NUMBER}
TYPES: dict[str, dict[str, Any]] = {
    "card": {"format": "card"},
    "shown": {"format": "card", "options": {"mask_expiry": True, "mask_initials": True, "mask_first": 6}},
    "known": {"format": "card", "mode": "deterministic", "derivation": "cached"},
    "card_number": {"format": "card_number"},
    "text": {"format": "text"},
}


def written() -> dict[str, Any]:
    """A policy in which the client `intake` of the clinic is held to the expiry."""
    policy = policies.document(TYPES)
    policy["tenants"]["clinic"]["clients"]["intake"] |= {"fields": ["expiry"]}
    return policy


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(written()) as made:
        yield made


def token(account: World, value: Any = CARD, kind: str = "card", client: str = "checkout") -> str:
    """That of a value."""
    return str(account.tokenize({"type": kind, "value": value}, client=client).only["token"])


def asked(account: World, *tokens: str, client: str = "settlement", **said: Any) -> Answer:
    """A reveal with more in its body."""
    purpose = "treatment" if client == "intake" else "settlement"
    body = {"items": [{"token": each} for each in tokens], "purpose": purpose, **said}
    return account.detokenize(client=client, json_body=body, scopes=("detokenize", "detokenize.masked"))


def recorded(account: World) -> tuple[Any, list[Any]]:
    """Of the last event: the fields that were asked for, and those that each item revealed."""
    last = max(account.events(), key=lambda event: event["sk"]["S"])
    return _names(last), [_names(outcome["M"]) for outcome in last["outcomes"]["L"]]


def _names(attributes: dict[str, Any]) -> list[str] | None:
    return [name["S"] for name in attributes["fields"]["L"]] if "fields" in attributes else None


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ({"number": "4111 1111-1111 1111", "expiry": "12/27", "holder": " Ada  Lovelace"}, CARD),
        ({"holder": "Ada Lovelace", "expiry": "12/2027", "number": NUMBER}, CARD),
        ({**NUMBER_ONLY, "expiry": None, "holder": None}, NUMBER_ONLY),
        ({**NUMBER_ONLY, "holder": "Ada 12345 678901"}, {**NUMBER_ONLY, "holder": "Ada 12345 678901"}),
        ({**NUMBER_ONLY, "holder": "Zoe\u0308"}, {**NUMBER_ONLY, "holder": "Zo\u00eb"}),
    ],
)
def test_a_card_comes_back_in_one_spelling(shared: World, spelled: Any, canonical: Any) -> None:
    """Whole, without the fields that it has not."""
    made = token(shared, spelled)
    assert made.endswith("1111")
    assert asked(shared, made).only["value"] == canonical
    assert recorded(shared) == (None, [list(canonical)])


def test_a_reveal_of_some_fields_shows_no_other(shared: World) -> None:
    """In whatever order, and however often they are named; and the record says that these were revealed."""
    made = token(shared)
    for fields, shown in (
        (["expiry"], {"expiry": "2027-12"}),
        (["holder", "expiry", "holder"], {"expiry": "2027-12", "holder": "Ada Lovelace"}),
        (["number"], NUMBER_ONLY),
        (["holder", "number", "expiry"], CARD),
    ):
        assert asked(shared, made, fields=fields).only["value"] == shown
        assert recorded(shared) == (list(dict.fromkeys(fields)), [list(shown)])


def test_a_field_that_a_card_has_not_is_left_out(shared: World) -> None:
    """That is no error, since who asks cannot know; the record says that nothing was revealed."""
    assert asked(shared, token(shared, NUMBER_ONLY), fields=["expiry"]).only["value"] == {}
    assert recorded(shared) == (["expiry"], [[]])


def test_a_type_without_fields_fails_alone(shared: World) -> None:
    """A number that stands for itself is not revealed by asking for its field."""
    answer = asked(shared, token(shared, NUMBER, "card_number"), token(shared), fields=["number"])
    refused, revealed = answer.body["results"]
    assert refused["error"] == {
        "code": "invalid_request",
        "detail": "fields: values of this information type have no fields",
    }
    assert revealed["value"] == NUMBER_ONLY
    assert recorded(shared) == (["number"], [None, ["number"]])


@pytest.mark.parametrize("fields", [[], ["cvv"], ["expiry", "Number"], "expiry", [7], {}])
def test_fields_that_no_type_has_are_refused(shared: World, fields: Any) -> None:
    """The request as a whole, before anything is looked up or on record."""
    before = len(shared.events())
    refused = asked(shared, token(shared), fields=fields)
    assert (refused.status, refused.body["code"]) == (400, "invalid_request")
    assert refused.body["errors"][0]["pointer"].startswith("/fields")
    assert "cvv" not in str(refused.body)
    assert len(shared.events()) == before


def test_a_mask_has_each_field_masked(shared: World) -> None:
    """As far as the policy says, and no field by name: a mask is not narrowed."""
    assert shared.masked(token(shared)).only["value"] == {
        "number": "************1111",
        "expiry": "****-**",
        "holder": "********",
    }
    assert recorded(shared) == (None, [None])
    assert shared.masked(token(shared, kind="shown")).only["value"] == {
        "number": "411111******1111",
        "expiry": "2027-12",
        "holder": "A*** L***",
    }
    assert shared.masked(token(shared, NUMBER_ONLY)).only["value"] == {"number": "************1111"}
    narrowed = asked(shared, token(shared), fields=["number"], reveal="masked")
    problem(narrowed, 400, "invalid_request", "/fields")


def test_a_client_held_to_fields_reveals_no_more(shared: World) -> None:
    """Neither whole cards, nor other fields, nor values that have none; each refusal is on record."""
    made, plain = (token(shared, *of, client="intake") for of in ((CARD,), (NUMBER, "card_number")))
    for tokens, fields in (
        ([made], None),
        ([made], ["number"]),
        ([made], ["expiry", "number"]),
        ([made, plain], None),
    ):
        problem(asked(shared, *tokens, client="intake", fields=fields), 403, "not_permitted")
        assert recorded(shared) == (fields, [])
    assert asked(shared, made, client="intake", fields=["expiry"]).only["value"] == {"expiry": "2027-12"}
    refused = asked(shared, plain, client="intake", fields=["expiry"]).only
    assert refused["error"]["code"] == "invalid_request"
    masked = asked(shared, made, client="intake", reveal="masked").only["value"]
    assert masked["number"] == "************1111"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (NUMBER, "must be an object"),
        ({}, "number: is needed"),
        ({"number": None}, "number: is needed"),
        ({"number": 4111111111111111}, "number: must be a string"),
        ({"number": "4111111111111112"}, "number: fails the Luhn check"),
        ({**NUMBER_ONLY, "expiry": "13/27"}, "expiry: must be a month"),
        ({**NUMBER_ONLY, "expiry": "1227"}, "expiry: must be a month"),
        ({**NUMBER_ONLY, "expiry": "1999-12"}, "expiry: must be a month"),
        *[
            ({**NUMBER_ONLY, "expiry": day}, "expiry: must ")
            # What readers of tables make of 12/27, 02/30 and 2027-12: findings/card-expiry-days.sh.
            for day in ("12/27/01", "2001-12-27", "0001-12-27", "3/2/01", "12/1/27", "2027-12-01", "46722")
        ],
        ({**NUMBER_ONLY, "holder": ""}, "holder: must have a letter"),
        ({**NUMBER_ONLY, "holder": "737"}, "holder: must have a letter"),
        ({**NUMBER_ONLY, "holder": "x" * 65}, "holder: must have at most 64"),
        (
            {**NUMBER_ONLY, "holder": "A\u202eda"},
            "holder: must have no signs that cannot be seen; has U+202E",
        ),
        *[
            ({**NUMBER_ONLY, "holder": holder}, "holder: looks like it holds a card number")
            for holder in (
                f"Ada {OTHER}",
                f"Ada{NUMBER}",
                f"{NUMBER}Ada",
                "Ada 4111-1111-1111-1111",
                "Ada 411111111111 Lovelace 1111",
                "A4111d1111a1111L1111",
                f"Ada \u2074{chr(0xB9) * 15}",
            )
        ],
        ({**NUMBER_ONLY, "cvv": "737"}, "is never stored with it (PCI DSS 4.0.1, 3.3.1)"),
        ({**NUMBER_ONLY, "737": None}, "is never stored with it (PCI DSS 4.0.1, 3.3.1)"),
        ({**NUMBER_ONLY, "number ": NUMBER}, "none of number, expiry and holder"),
    ],
)
def test_what_is_no_card_is_refused_by_field_and_rule(shared: World, value: Any, named: str) -> None:
    """Never quoted; and another item of the request is taken in."""
    refused, made = shared.tokenize({"type": "card", "value": value}, {"type": "text", "value": "x"}).body[
        "results"
    ]
    assert refused["error"]["code"] == "invalid_value"
    assert named in refused["error"]["detail"]
    assert not [text for text in (NUMBER, OTHER, "737", "cvv", "Ada") if text in str(refused)]
    assert made["token"]


def test_a_deterministic_card_is_the_whole_of_it(shared: World) -> None:
    """In all spellings one token; with another expiry, holder, or without one, another."""
    spelled = {"holder": "Ada Lovelace", "expiry": "12/27", "number": "4111-1111-1111-1111"}
    others = [NUMBER_ONLY, {**CARD, "expiry": "2028-01"}, {**CARD, "holder": "A. Lovelace"}]
    first = token(shared, kind="known")
    assert token(shared, spelled, "known") == first
    tokens = {first, *(token(shared, other, "known") for other in others)}
    assert len(tokens) == 4
    assert shared.search({"type": "known", "value": spelled}).only["token"] == first
    unknown = shared.search({"type": "known", "value": {**CARD, "expiry": "2031-01"}}).only
    assert unknown["error"]["code"] == "token_not_found"


def test_a_retry_gets_the_same_token(shared: World) -> None:
    """Under an idempotency key, as for every value."""
    item = {"type": "card", "value": CARD}
    first, again = (shared.tokenize(item, idempotency_key="k" * 22).only["token"] for _ in range(2))
    assert first == again

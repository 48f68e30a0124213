"""What a policy may say: each rule by itself, at its bounds, and all that is wrong at once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.auth import policy
from chalicelib.auth.policy import MAX_BUDGET, NAME
from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.model import ACTIONS, MAX_TTL_SECONDS
from tests.support.policies import VAULT_ID, text_and_digest
from tests.support.policy_rules import CLIENT, TEXT, loaded, problems, type_problems, written

BUDGETS = ("reveals_per_hour", "searches_per_hour", "deterministic_tokens_per_hour")


def test_a_good_policy_has_no_problems() -> None:
    """What the other tests change is right before they change it."""
    assert problems(written()) == ()


def test_a_text_other_than_the_deployed_one_is_refused_unread() -> None:
    """An attacker who can write to the table but not deploy changes nothing: one space is enough."""
    text, digest = text_and_digest(written())
    with pytest.raises(ConfigurationError, match="not the one this function was deployed with"):
        policy.load(f"{text} ", digest, VAULT_ID, registry.build)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        written(version=2),
        written(more="x"),
        written(client={"actions": ["tokenise"]}),
        written(client={"more": "x"}),
        written(client={"reveals_per_hour": 1.5}),
        written(types={"text": {"format": "text", "mode": "both"}}),
        written(types={"text": {"format": "text", "derivation": "hash"}}),
        written(types={"text": {"mode": "random"}}),
        written(tenants={"shop": {"clients": {}, "canaries": "text_1"}}),
    ],
    ids=str,
)
def test_a_policy_that_is_only_half_understood_is_refused(document: Any) -> None:
    """Unknown fields, actions and modes, and a version of another release, do not load."""
    [problem] = problems(document)
    assert problem.startswith("the policy does not parse: ")


def test_a_text_that_is_not_json_is_refused() -> None:
    """Also when it is the one that was deployed."""
    _, digest = text_and_digest(written())
    text = json.dumps(written())[:-1]
    with pytest.raises(ConfigurationError):
        policy.load(text, digest, VAULT_ID, registry.build)


def test_another_vaults_policy_is_refused() -> None:
    """Its types would make tokens that this vault's clients cannot use."""
    assert problems(written(vault_id="other")) == ("the policy belongs to another vault",)


@given(name=st.text(max_size=40) | st.from_regex(NAME, fullmatch=True))
def test_names_are_held_to_their_pattern(name: str) -> None:
    """Those of types, tenants, clients and purposes alike; one that does not match is named."""
    bad = not NAME.fullmatch(name)
    for document, problem in (
        (written(types={"text": TEXT, name: TEXT}), "type names match"),
        (written(tenants={name: {"clients": {}}}), "tenant names match"),
        (written(tenants={"shop": {"clients": {name: CLIENT}}}), "has a name that does not match"),
        (written(client={"purposes": [name]}), "has a purpose that does not match"),
    ):
        found = problems(document)
        assert [problem in entry for entry in found] == [True] * bad


def test_names_that_do_not_match_are_told_apart_from_those_that_do() -> None:
    """In ASCII, so that no name makes a second line of the log."""
    document = written(types={"text": TEXT, "E-Mail": TEXT, "a\nb": TEXT})
    assert problems(document) == (f"type names match {NAME.pattern}, which is not so of 'E-Mail', 'a\\nb'",)


def test_a_client_uses_types_of_the_policy_only() -> None:
    """Every type that is missing is named, once, beside those that there are."""
    assert problems(written(client={"types": ["text", "zip", "card"]})) == (
        "client checkout of tenant shop uses types that the policy does not have: card, zip; it has text",
    )


def test_a_full_reveal_needs_a_purpose_to_be_granted() -> None:
    """A client that may detokenize but for no purpose could never do so; a masked reveal needs none."""
    assert problems(written(client={"actions": ["detokenize"]})) == (
        "client checkout of tenant shop may reveal in full but has no purpose to do it for: set purposes",
    )
    assert problems(written(client={"actions": ["detokenize"], "purposes": ["refund"]})) == ()
    assert problems(written(client={"actions": ["detokenize.masked"]})) == ()


def test_no_client_may_say_whom_it_reveals_for_unless_the_policy_says_so() -> None:
    """Its word is taken where the policy says true; a client that never reveals has nothing to say."""
    revealing = {"actions": ["detokenize.masked"]}
    for said, allowed in (({}, False), ({"on_behalf_of": False}, False), ({"on_behalf_of": True}, True)):
        client = loaded(written(client={**revealing, **said})).clients[("https://pool", "id")]
        assert client.on_behalf_of is allowed
    assert problems(written(client={"on_behalf_of": True})) == (
        "client checkout of tenant shop may name whom it reveals for (on_behalf_of), and may not reveal",
    )
    for wrong in (1, "true", None):
        [problem] = problems(written(client={**revealing, "on_behalf_of": wrong}))
        assert problem.startswith("the policy does not parse: ")


def test_a_client_is_held_to_the_fields_that_the_policy_names() -> None:
    """None are no limit; refused are no field, another word, and a client that reveals nothing in full."""
    revealing = {"actions": ["detokenize"], "purposes": ["refund"]}
    for said, held in (({}, None), ({"fields": None}, None), ({"fields": ["expiry"]}, frozenset({"expiry"}))):
        client = loaded(written(client={**revealing, **said})).clients[("https://pool", "id")]
        assert client.fields == held
    [empty] = problems(written(client={**revealing, "fields": []}))
    assert empty.startswith("client checkout of tenant shop may reveal in full but has no field to do it for")
    assert problems(written(client={"fields": ["expiry"]})) == (
        "client checkout of tenant shop is held to fields that it may reveal in full, and may reveal nothing "
        "in full",
    )
    for wrong in (["cvv"], "expiry", [1]):
        [problem] = problems(written(client={**revealing, "fields": wrong}))
        assert problem.startswith("the policy does not parse: ")


@pytest.mark.parametrize("budget", BUDGETS)
def test_budgets_have_bounds(budget: str) -> None:
    """From 1 to MAX_BUDGET; none at all is spelled by leaving the action out."""
    assert [bool(problems(written(client={budget: limit}))) for limit in (-1, 0, 1)] == [True, True, False]
    assert [bool(problems(written(client={budget: MAX_BUDGET + n}))) for n in (0, 1)] == [False, True]


def test_budgets_that_are_left_out_are_no_budgets() -> None:
    """Only those that are written limit the client."""
    client = loaded(written(client={"searches_per_hour": 7})).clients[("https://pool", "id")]
    assert client.budgets == {"searches": 7}


@pytest.mark.parametrize("limit", ["default_ttl_seconds", "max_ttl_seconds"])
@pytest.mark.parametrize(("seconds", "bad"), [(-1, True), (0, True), (1, False), (MAX_TTL_SECONDS, False)])
def test_time_limits_have_bounds(limit: str, seconds: int, bad: bool) -> None:
    """From a second to a hundred years, default and longest alike."""
    limits = {"default_ttl_seconds": seconds, "max_ttl_seconds": seconds, limit: seconds}
    assert bool(type_problems(**limits)) == bad
    assert type_problems(**{**limits, limit: MAX_TTL_SECONDS + 1})


def test_a_longest_time_limit_needs_a_default_within_it() -> None:
    """Otherwise a token that names no limit would live longer than the longest."""
    expected = ("type text has max_ttl_seconds, and needs a default_ttl_seconds that is not longer",)
    assert type_problems(max_ttl_seconds=60) == expected
    assert type_problems(max_ttl_seconds=60, default_ttl_seconds=61) == expected
    assert type_problems(max_ttl_seconds=60, default_ttl_seconds=60) == ()
    assert type_problems(default_ttl_seconds=60) == ()


def test_modes_exclude_what_makes_no_sense_in_them() -> None:
    """Random types derive nothing; deterministic ones never expire."""
    assert type_problems(derivation="cached") == ("type text has a derivation but is not deterministic",)
    for limits in ({"default_ttl_seconds": 60}, {"default_ttl_seconds": 60, "max_ttl_seconds": 60}):
        assert type_problems(mode="deterministic", **limits) == (
            "type text is deterministic and so takes no time limit",
        )
    assert type_problems(mode="deterministic", derivation="cached") == ()


def test_a_prf_key_is_of_a_deterministic_type_and_has_a_number() -> None:
    """Nothing of a random type is derived with one, and numbers are counted from 1."""
    assert type_problems(prf_key=2) == (
        "type text has a prf_key but is not deterministic: nothing of a random type is derived with one",
    )
    for number in (0, -1, 1000):
        assert type_problems(mode="deterministic", prf_key=number) == (
            "type text has a prf_key that is not a number from 1 to 999",
        )
    for number in (1, 2, 999):
        assert type_problems(mode="deterministic", prf_key=number) == ()


def test_the_policy_tells_which_prf_keys_tenants_need() -> None:
    """The first always, for requests and cards, and each that a type names."""
    known = {"format": "text", "mode": "deterministic"}
    types = {
        "text": {"format": "text"},
        "a": known,
        "b": {**known, "prf_key": 3},
        "c": {**known, "prf_key": 2},
    }
    made = loaded(written(types=types))
    assert made.prf_keys == {1, 2, 3}
    assert {name: kind.prf_key for name, kind in made.types.items()} == {"text": 1, "a": 1, "b": 3, "c": 2}


def test_values_that_may_not_be_kept_need_a_time_limit_within_the_rule() -> None:
    """A card verification code is random, and lives no longer than its format lets it."""

    longest = FORMATS_RULE
    assert longest
    assert "must be random and have a default time limit" in " ".join(code_problems())
    assert code_problems(default_ttl_seconds=longest) == ()
    assert f"has a time limit over {longest} seconds" in " ".join(
        code_problems(default_ttl_seconds=longest + 1)
    )
    assert code_problems(default_ttl_seconds=1, max_ttl_seconds=longest + 1)


def test_a_longest_limit_that_is_left_out_is_the_formats() -> None:
    """A request cannot ask for more than the rule for such values allows."""
    types = {"text": TEXT, "code": {**CODE, "default_ttl_seconds": 1}}
    assert loaded(written(types=types)).types["code"].max_ttl_seconds == FORMATS_RULE


CODE = {"format": "card_verification_code"}
FORMATS_RULE = registry.build("card_verification_code", "code", {}).facts.longest_ttl_seconds or 0


def code_problems(**limits: int) -> tuple[str, ...]:
    return problems(written(types={"text": TEXT, "code": CODE | limits}))


def test_what_a_format_says_of_its_options_is_reported_under_the_type() -> None:
    """An unknown format and an unknown option are problems of that type; the others are looked at too."""
    found = problems(
        written(types={"text": TEXT, "a": {"format": "zip"}, "b": {"format": "text", "options": {"x": 1}}})
    )
    assert [problem.split(":")[0] for problem in found] == ["type a", "type b"]


def test_canaries_belong_to_their_tenant() -> None:
    """Another tenant's token of the same text is none; a tenant without canaries has an empty set."""
    tenants = {
        "shop": {"clients": {"checkout": CLIENT}, "canaries": ["text_1", "text_2", "text_1"]},
        "clinic": {"clients": {}},
    }
    assert loaded(written(tenants=tenants)).canaries == {"shop": {"text_1", "text_2"}, "clinic": set()}


def test_everything_that_is_wrong_is_reported_at_once() -> None:
    """An adopter mends a policy in one round, not in ten."""
    found = problems(
        written(
            client={"types": ["zip"], "actions": ["detokenize"], "reveals_per_hour": 0},
            types={"Text": TEXT, "a": {"format": "zip"}, "b": {"format": "text", "derivation": "kms"}},
            vault_id="other",
        )
    )
    assert len(found) == 7


def test_callers_are_told_nothing_of_the_problems() -> None:
    """They name other tenants and their clients: the log has them, the answer does not."""
    with pytest.raises(ConfigurationError) as failed:
        loaded(written(client={"types": ["zip"]}))
    assert "checkout" in str(failed.value)
    assert "checkout" not in failed.value.detail


@given(
    actions=st.sets(st.sampled_from([each for each in ACTIONS if each != "import"]))
    | st.just({"import", "read"}),
    purposes=st.sets(st.from_regex(NAME, fullmatch=True), min_size=1, max_size=3),
    limits=st.dictionaries(st.sampled_from(BUDGETS), st.integers(1, MAX_BUDGET)),
)
def test_a_client_gets_what_is_written_and_nothing_else(
    actions: set[str], purposes: set[str], limits: dict[str, int]
) -> None:
    """Whatever a good policy grants is what the client has."""
    grants = {"actions": sorted(actions), "purposes": sorted(purposes), **limits}
    [client] = loaded(written(client=grants)).clients.values()
    assert (client.tenant, client.name) == ("shop", "checkout")
    assert (client.actions, client.purposes, client.types) == (actions, purposes, {"text"})
    assert client.budgets == {name.removesuffix("_per_hour"): limit for name, limit in limits.items()}

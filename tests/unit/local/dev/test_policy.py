"""A policy for `make dev` from a file."""

import json
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import pytest

from chalicelib.auth.policy import load as load_policy
from chalicelib.formats.registry import build
from local.dev import policy, snapshot
from local.errors import StepError

TOML = """
[info_types.card_number]
options = { keep_last = 4 }

[info_types.note]
format = "text"
mode = "deterministic"

[tenants.shop.clients.checkout]
actions = ["tokenize"]
throttle = { requests_per_second = 5, burst = 5 }

[tenants.shop.clients.settlement]
actions = ["detokenize"]
types = ["card_number"]
purposes = ["settlement"]
reveals_per_hour = 10
on_behalf_of = true
"""

OFFICE = """
[tenants.shop.clients.office]
kind = "browser"
actions = ["detokenize.masked"]
callback_urls = ["http://localhost:3000/office"]
"""


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    file = folder / name
    file.write_text(text)
    return file


def test_the_functions_understand_it(tmp_path: Path) -> None:
    """What is left out is what Terraform's variables say when it is left out."""
    made = policy.load(written(tmp_path, "policy.toml", TOML), "local-vault")
    text = json.dumps(_with_identities(made.document))
    loaded = load_policy(text, sha256(text.encode()).hexdigest(), "local-vault", build, Fraction(1))
    assert {name: kind.mode for name, kind in loaded.types.items()} == {
        "card_number": "random",
        "note": "deterministic",
    }
    clients = {client.name: client for client in loaded.clients.values()}
    assert clients["checkout"].types == {"card_number", "note"}
    assert clients["settlement"].types == {"card_number"}
    assert (clients["checkout"].on_behalf_of, clients["settlement"].on_behalf_of) == (False, True)
    assert made.throttles["shop", "checkout"] == {"requests_per_second": 5, "burst": 5}


STAR = """
[tenants.shop.groups.refunds]
actions = ["detokenize"]
types = ["*"]
purposes = ["refund"]

[tenants.shop.clients.desk]
kind = "browser"
actions = ["detokenize"]
types = ["*"]
purposes = ["refund"]
"""


def test_a_star_stands_for_all_types(tmp_path: Path) -> None:
    """In groups and in clients, as in Terraform's variables; what is stored lists their names."""
    made = policy.load(written(tmp_path, "policy.toml", TOML + STAR), "local-vault")
    shop = made.document["tenants"]["shop"]
    for given in (shop["groups"]["refunds"], shop["clients"]["desk"]):
        assert given["types"] == ["card_number", "note"]


def test_a_star_stands_alone(tmp_path: Path) -> None:
    """Beside names it would make them mean nothing; Terraform refuses that too."""
    text = TOML + STAR.replace('["*"]', '["*", "note"]')
    with pytest.raises(StepError, match=r"group refunds .*types"):
        policy.load(written(tmp_path, "policy.toml", text), "local-vault")


def test_where_people_come_back_to_is_no_part_of_what_is_stored(tmp_path: Path) -> None:
    """The account has it, with the client that they sign in to."""
    made = policy.load(written(tmp_path, "policy.toml", TOML + OFFICE), "local-vault")
    assert made.callback_urls["shop", "office"] == ["http://localhost:3000/office"]
    assert "callback_urls" not in made.document["tenants"]["shop"]["clients"]["office"]


def test_a_file_of_the_default_policy_is_the_default_policy(tmp_path: Path) -> None:
    """Written as variables, what Terraform applied comes out as Terraform wrote it, without what is empty."""
    applied = snapshot.read()["policy"]
    given = {"info_types": applied["types"], "tenants": applied["tenants"]}
    made = policy.load(written(tmp_path, "policy.json", json.dumps(given)), applied["vault_id"])
    assert made.document == applied


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.yaml", "{}", ".json"),
        ("p.json", "{", "does not parse"),
        ("p.toml", "a", "does not parse"),
        ("p.json", "[]", "info_types"),
        ("p.json", "{}", "info_types"),
        ("p.json", '{"info_types": {"text": {}}}', "tenants"),
        ("p.json", '{"info_types": {"text": 1}, "tenants": {}}', "info_types"),
        ("p.json", '{"info_types": {"text": {}}, "tenants": {"a": {}}}', "tenants.a"),
        (
            "p.json",
            '{"info_types": {"text": {}}, "tenants": {"a": {"clients": {"b": {"action": []}}}}}',
            "action",
        ),
        ("p.json", '{"info_types": {"text": {"modes": ""}}, "tenants": {}}', "modes"),
        ("p.json", '{"types": {}}', "types"),
        ("p.json", '{"info_types": {"text": {}, "text": {"mode": "random"}}}', "text stands twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    """One sentence with the file and the field, before anything starts."""
    with pytest.raises(StepError) as refused:
        policy.load(file := written(tmp_path, name, text), "local-vault")
    assert str(refused.value).startswith(f"{file}: ")
    assert words in str(refused.value)


MAIL = "[info_types.email]\n"
CLIENT = '[tenants.shop.clients.checkout]\nactions = ["tokenize"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[info_types.email]\nformat = "emial"\n' + CLIENT, ["email", "no format 'emial'", "card_number"]),
        (
            '[info_types.email]\nmode = "fixed"\n' + CLIENT,
            ["info_types.email", "fixed", "random, deterministic"],
        ),
        ("[info_types.E-mail]\nformat = 'email'\n" + CLIENT, ["type names", "'E-mail'"]),
        ("[info_types.loyalty]\n" + CLIENT, ["type loyalty: no format is set", "card_number"]),
        ("[info_types.card_number]\noptions = { keep_lst = 4 }\n" + CLIENT, ["card_number", "keep_lst"]),
        (MAIL + CLIENT + 'types = ["mail"]\n', ["checkout", "mail; it has email"]),
        (
            "[info_types.us_ssn]\noptions = { mode = 'random', derivation = 'kms', keep_last = 4 }\n"
            + CLIENT,
            ["us_ssn.options has settings of the type, which stand beside options: derivation, mode"],
        ),
        (
            "[info_types.us_ssn]\nkeep_last = 4\nmode = 'random'\n" + CLIENT,
            ["info_types.us_ssn has options of the format, which stand in options: keep_last."],
        ),
        ("[info_types.us_ssn]\nkeep_lst = 4\n" + CLIENT, ["no setting keep_lst; the settings are "]),
        ("[info_types.ssn]\nkeep_last = 4\n" + CLIENT, ["no setting keep_last; the settings are "]),
        (
            MAIL + CLIENT + 'kind = "brwser"\n',
            ["tenants.shop.clients.checkout", "brwser", "service, browser"],
        ),
        (MAIL + CLIENT.replace('"tokenize"', '"tokenise"'), ["checkout", "tokenise", "subjects.read"]),
        (
            MAIL + CLIENT.replace('["tokenize"]', '"tokenize"'),
            ["tenants.shop.clients.checkout.actions must be a list, and is text"],
        ),
        (
            "[info_types.loyalty]\nformat = 'custom'\noptions = { pattern = '[0-9]{6}' }\n" + CLIENT,
            ["loyalty", "set expected_tokens to at most 50000"],
        ),
        (MAIL + CLIENT.replace('"tokenize"', '"detokenize"'), ["checkout", "set purposes"]),
        (MAIL + CLIENT + "reveals_per_hour = 0\n", ["checkout", "budget"]),
        (MAIL + CLIENT + '[tenants.shop.groups.desk]\nactions = ["reed"]\n', ["groups.desk", "reed"]),
        (
            MAIL + "[tenants.shop.clients.checkout]\n",
            ["clients.checkout needs actions: one or more of tokenize,"],
        ),
        (
            MAIL + CLIENT + "[tenants.shop.groups.desk]\nactions = []\n",
            ["groups.desk needs actions: one or more"],
        ),
    ],
)
def test_what_the_functions_would_refuse_is_said_before_anything_starts(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    """With the field and the rule, and not in a log of a function that does not start."""
    with pytest.raises(StepError, match=r"policy\.toml: ") as refused:
        policy.load(written(tmp_path, "policy.toml", text), "local-vault")
    assert [word for word in words if word not in str(refused.value)] == []


WRONG_KINDS = {
    MAIL + "default_ttl_seconds = 1.5\n" + CLIENT: (
        "info_types.email.default_ttl_seconds must be a whole number, and is a number with a fraction"
    ),
    MAIL + "mode = 1\n" + CLIENT: "info_types.email.mode must be text, and is a whole number",
    MAIL + "options = 'x'\n" + CLIENT: "info_types.email.options must be a table, and is text",
    MAIL + "options = { fold_local = 2026-01-01 }\n" + CLIENT: (
        "info_types.email.options.fold_local must be text, a number, or true or false"
    ),
    MAIL + "options = { fold_local = inf }\n" + CLIENT: (
        "info_types.email.options.fold_local must be text, a number, or true or false"
    ),
    MAIL + "imported_tokens = {}\n" + CLIENT: "info_types.email.imported_tokens needs pattern",
    MAIL + "imported_tokens = { patern = 'x', pattern = 'x' }\n" + CLIENT: (
        "info_types.email.imported_tokens: there is no setting patern"
    ),
    MAIL
    + CLIENT
    + "types = [1]\n": "tenants.shop.clients.checkout.types[0] must be text, and is a whole number",
    MAIL + CLIENT + "approval = true\n": (
        "tenants.shop.clients.checkout.approval must be a table, and is true or false"
    ),
    MAIL + CLIENT + "throttle = { burst = '5' }\n": (
        "tenants.shop.clients.checkout.throttle.* must be a number, and is text"
    ),
    MAIL + CLIENT + "callback_urls = 'http://a'\n": (
        "tenants.shop.clients.checkout.callback_urls must be a list, and is text"
    ),
    MAIL + "[tenants.shop]\ncanaries = 4\n" + CLIENT: (
        "tenants.shop.canaries must be a list, and is a whole number"
    ),
    "[info_types]\nemail = 'deterministic'\n" + CLIENT: (
        "info_types.email must be a table (in JSON an object)."
    ),
    MAIL + "[tenants.shop.clients]\ncheckout = 'tokenize'\n": (
        "tenants.shop.clients.checkout must be a table (in JSON an object)."
    ),
    MAIL + CLIENT + "purpose = ['refund']\n": (
        "tenants.shop.clients.checkout: there is no setting purpose; the settings are actions, approval, "
        "assertions, callback_urls, deterministic_tokens_per_hour, fields, kind, on_behalf_of, purposes, "
        "reveals_per_hour, searches_per_hour, throttle, types."
    ),
    MAIL + CLIENT + "[tenants.shop.client]\n": (
        "tenants.shop: there is no setting client; the settings are canaries, clients, groups."
    ),
    "info_types = 4\n" + CLIENT: (
        "the policy needs info_types: a table of tables (in JSON an object of objects), at least one of them."
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG_KINDS.items())
def test_a_value_of_another_kind_is_told_in_the_files_own_words(tmp_path: Path, text: str, said: str) -> None:
    """The place in the file, what is needed there and what stands there."""
    with pytest.raises(StepError) as refused:
        policy.load(file := written(tmp_path, "policy.toml", text), "local-vault")
    assert str(refused.value) == f"{file}: {said}"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """A line each, so that one start is enough to find all."""
    text = MAIL + 'format = "emial"\n' + CLIENT + 'types = ["mail"]\n'
    with pytest.raises(StepError) as refused:
        policy.load(written(tmp_path, "policy.toml", text), "local-vault")
    assert str(refused.value).count("policy.toml: ") == 2


def test_a_client_that_people_sign_in_to_is_taken_without_an_api_key(tmp_path: Path) -> None:
    """It never has one, and the rules would refuse one."""
    made = policy.load(written(tmp_path, "policy.toml", TOML + OFFICE), "local-vault")
    assert "identities" not in made.document["tenants"]["shop"]["clients"]["office"]


def test_the_pages_example_is_a_policy(tmp_path: Path) -> None:
    """As it stands in docs/local.md, comments and all."""
    page = (Path(__file__).resolve().parents[4] / "docs/local.md").read_text()
    text = page.partition("## `make dev`")[2].partition("```toml\n")[2].partition("```")[0]
    made = policy.load(written(tmp_path, "policy.toml", text), "local-vault")
    assert set(made.document["types"]) == {"card_number", "loyalty", "email"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(StepError, match=r"nope\.json"):
        policy.load(tmp_path / "nope.json", "local-vault")


def _with_identities(document: dict) -> dict:
    for tenant in document["tenants"].values():
        for name, client in tenant["clients"].items():
            client["identities"] = [{"issuer": "i", "client_id": name, "api_key_id": name}]
    return document

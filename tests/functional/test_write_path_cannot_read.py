"""Given everything that the tokenizing function holds, and every table, no stored record opens.

Each test is one way in the threat model (docs/adr/0001). What the function may ask of KMS is read from
the role's policy as Terraform states it, not from what the code happens to call.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chalicelib import wiring
from chalicelib.crypto.context import BRANCH_KEY_PURPOSE, KeyContext, RecordContext
from chalicelib.crypto.keys import RevealingKey, TokenizingKey
from chalicelib.crypto.kms import Kek
from chalicelib.crypto.record_cipher import open_item, parse_sealed
from chalicelib.errors import RecordCorrupt, TokenvaultError
from chalicelib.service.revealer import Revealer
from chalicelib.vault.key_items import parse_tenant_keys
from chalicelib.vault.keyring import RevealingKeyring
from tests.support import policies
from tests.support.faults import client_error, dumps
from tests.support.held_keys import held as held_key
from tests.support.memory_graph import reachable
from tests.support.world import World, world

CARD = "4111111111111111"
RECORD = {"number": CARD, "expiry": "2027-12", "holder": "Ada Lovelace"}
VALUES = {"card_number": CARD, "card": RECORD}
"""What is taken in, by type: a number by itself, and one with its expiry and holder."""
SECRETS = (CARD, "2027-12", "Lovelace")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def account() -> Iterator[World]:
    with world(policies.document({**policies.TYPES, "card": {"format": "card"}})) as made:
        yield made


@pytest.fixture(params=sorted(VALUES))
def kind(request: pytest.FixtureRequest) -> str:
    """The type of the stored card."""
    return str(request.param)


@pytest.fixture
def token(account: World, kind: str) -> str:
    """A stored card, after which the tokenizing function's caches are warm."""
    return str(account.tokenize({"type": kind, "value": VALUES[kind]}).only["token"])


@pytest.fixture
def held(account: World, token: str) -> TokenizingKey:
    """The unwrapped key that sealed the record: the most that the function's memory holds."""
    return held_key(account, parse_sealed(account.stored(token)).key_id)


@pytest.fixture
def role(account: World) -> Iterator[None]:
    """KMS answers as it does to the tokenizing role: anything on the vault KEK is denied."""

    def deny(name: str, parameters: dict[str, Any]) -> Exception | None:
        allowed = (account.index_kek, account.hmac_key)
        denied = name.startswith("kms.") and parameters.get("KeyId") not in allowed
        return client_error("AccessDeniedException", 400) if denied else None

    account.fault = deny
    yield
    account.fault = None


@pytest.fixture
def context(token: str, kind: str, held: TokenizingKey) -> RecordContext:
    """What the record is bound to."""
    return RecordContext(held.context, kind, token)


def test_the_record_really_opens_for_the_other_function(account: World, token: str, kind: str) -> None:
    """What the tests below try in vain succeeds with the private half, so they prove something."""
    assert account.detokenize(token).only["value"] == VALUES[kind]


def test_its_service_has_nothing_that_opens(account: World, token: str) -> None:
    """No revealing keyring, private half or revealer can be reached from what the function built."""
    found = reachable(account.services["tokenize"])
    assert any(isinstance(thing, TokenizingKey) for thing in found), "the walk did not reach the keys"
    forbidden = (RevealingKey, RevealingKeyring, Revealer, ec.EllipticCurvePrivateKey)
    assert not [thing for thing in found if isinstance(thing, forbidden)]


def test_its_memory_holds_no_plaintext_afterwards(account: World, token: str) -> None:
    """Nothing that the function keeps between requests holds the value, or a field of it."""
    found = reachable(account.services["tokenize"])
    texts = [thing for thing in found if isinstance(thing, str)]
    texts += [thing.decode("latin-1") for thing in found if isinstance(thing, bytes)]
    assert not [text for text in texts for secret in SECRETS if secret in text]


def test_its_environment_does_not_name_the_vault_kek(account: World) -> None:
    """The tokenizing function is not told of the key, nor does it take notice where it is."""
    environment = account.env("tokenize")
    assert account.vault_kek not in dumps(environment)
    named = {**environment, "TOKENVAULT_VAULT_KEK_ARN": account.vault_kek}
    serving = wiring.build(named, account.client, account.telemetry)
    assert "detokenize" not in serving.operations


@pytest.mark.usefixtures("role")
def test_kms_does_not_unwrap_a_private_half_for_it(account: World, token: str) -> None:
    """Asked with every encryption context it can think of, its role gets nothing from the vault KEK."""
    [version] = parse_tenant_keys(i for i in account.items("keys") if i["pk"]["S"] == "shop").versions
    key = KeyContext(policies.VAULT_ID, "shop", version.key_id)
    for arn in (account.vault_kek, account.index_kek):
        for purpose in (BRANCH_KEY_PURPOSE, "tokenizing-bundle"):
            with pytest.raises(TokenvaultError):
                Kek(account.client("kms"), arn).unwrap(version.wrapped_private, key.for_kms(purpose))


def test_its_role_has_no_statement_that_reaches_the_vault_kek() -> None:
    """In the Terraform that is applied, its permissions decrypt with the index KEK and no other key."""
    source = (ROOT / "terraform/modules/functions/main.tf").read_text()
    block = re.search(r"tokenize = \[\n(.*?)\n    \]", source, re.DOTALL)
    assert block is not None
    assert "key_arns.vault" not in block[1]
    kms = {
        (action, key)
        for line in block[1].splitlines()
        for action, key in re.findall(r'"(kms:\w+)"\], Resource = local\.key_arns\.(\w+)', line)
    }
    # The audit key wraps the keys of audit chains and no other; it gives out new ones, and opens none.
    assert kms == {
        ("kms:Decrypt", "index"),
        ("kms:GenerateMac", "hmac"),
        ("kms:GenerateDataKey", "audit"),
    }
    assert block[1].count("kms:") == len(kms)
    policy = (ROOT / "terraform/modules/keys/main.tf").read_text()
    denied = policy[policy.index("TheTokenizingFunctionNeverTouchesThisKey") :]
    assert re.match(
        r'.*?Effect\s+= "Deny"\s+Principal = \{ AWS = here.roles.tokenize \}\s+Action\s+= "kms:\*"',
        denied,
        re.DOTALL,
    )


def test_the_symmetric_keys_do_not_open_it(
    account: World, token: str, held: TokenizingKey, context: RecordContext
) -> None:
    """Signing and mixing subkeys with any private key but the right one open nothing."""
    stored = account.stored(token)
    for private in (ec.generate_private_key(ec.SECP256R1()), ec.derive_private_key(1, ec.SECP256R1())):
        with pytest.raises(RecordCorrupt):
            open_item(parse_sealed(stored), RevealingKey(held, private), context)


def test_what_it_can_seal_it_cannot_open_again(account: World, held: TokenizingKey) -> None:
    """Even a data key that was sealed a moment ago is closed to whoever has the public half only."""
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    sealed = suite.encrypt(b"data key", held.public_key, info=b"")
    assert b"data key" not in sealed
    assert not hasattr(held.public_key, "private_numbers")


def test_a_key_pair_of_its_own_does_not_open_old_records(
    account: World, token: str, held: TokenizingKey, context: RecordContext
) -> None:
    """Putting a public half of one's own in place reads what comes, not what lies there."""
    own = ec.generate_private_key(ec.SECP256R1())
    swapped = RevealingKey(replace(held, public_key=own.public_key()), own)
    with pytest.raises(RecordCorrupt):
        open_item(parse_sealed(account.stored(token)), swapped, context)


def test_a_public_half_of_its_own_is_not_believed(account: World, token: str) -> None:
    """It may not write the keys table; a bundle of its own making would not unwrap anyway."""
    [item] = [i for i in account.items("keys") if i["pk"]["S"] == "shop" and "wrapped_bundle" in i]
    account.store(
        {**item, "wrapped_bundle": {"B": os.urandom(len(bytes(item["wrapped_bundle"]["B"])))}}, "keys"
    )
    account.restart()
    assert account.tokenize({"type": "text", "value": "x"}).body["code"] == "record_corrupt"


def test_the_tables_hold_nothing_that_opens(account: World, token: str) -> None:
    """All tables together hold wrapped keys and sealed records: no private half, no root, no value."""
    everything = "".join(dumps(account.items(table)) for table in ("vault", "keys", "policy", "audit"))
    assert not [secret for secret in SECRETS if secret in everything]
    for item in account.items("keys"):
        for attribute in item.values():
            raw = bytes(attribute.get("B", b""))
            assert b"\x30\x81" not in raw[:2], "an unwrapped PKCS #8 key"


def test_a_stolen_access_token_that_reveals_never_gets_there(account: World) -> None:
    """The function refuses access tokens that could be replayed against the revealing one."""
    for scopes in (("tokenize", "detokenize"), ("read", "detokenize.masked"), ("tokenize", "erase")):
        answer = account.tokenize({"type": "text", "value": "x"}, client="intake", scopes=scopes)
        assert answer.status == 403


def test_a_stolen_tokenizing_access_token_reveals_nothing(account: World, token: str) -> None:
    """An access token that the function did see opens nothing at the revealing one."""
    body = {"items": [{"token": token}], "purpose": "settlement"}
    for client, more in product(("checkout", "settlement"), ({}, {"fields": ["expiry"]})):
        answer = account.detokenize(client=client, json_body=body | more, scopes=("tokenize", "read"))
        assert (answer.status, answer.body["code"]) == (403, "not_permitted")


def test_its_own_routes_tell_no_value(account: World, token: str) -> None:
    """Facts are all it answers about a stored token."""
    answer = json.dumps(account.facts(token).body)
    assert not [secret for secret in SECRETS if secret in answer]

"""An assertion proves who somebody is if it is of the right provider, for the vault, signed, and fresh."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from chalicelib.auth.assertions import AssertionsDocument, asserted_subject, assertion_problems
from chalicelib.errors import NotPermitted
from tests.support.identity_provider import AUDIENCE, ISSUER, KEY_ID, IdentityProvider, pem

NOW = 1_790_000_000.5
PROVIDER = IdentityProvider()
OTHER = IdentityProvider()
RULE = AssertionsDocument(**PROVIDER.policy).rule


def refusal(text: str, now: float = NOW) -> str:
    """Why an assertion is refused."""
    with pytest.raises(NotPermitted) as refused:
        asserted_subject(RULE, text, now)
    assert refused.value.pointer == "/assertion"
    return refused.value.detail


def test_who_is_asserted() -> None:
    """The provider's name for the person."""
    assert asserted_subject(RULE, PROVIDER.assertion(NOW, "anna"), NOW) == "anna"


def test_providers_may_sign_with_rsa() -> None:
    """As most do; the key in the policy says so."""
    provider = IdentityProvider(rsa.generate_private_key(65537, 2048))
    rule = AssertionsDocument(**provider.policy).rule
    assert asserted_subject(rule, provider.assertion(NOW), NOW) == "anna"


def test_a_new_key_stands_beside_the_old_one() -> None:
    """So that a provider can go over to it at any moment."""
    keys = {"old": pem(PROVIDER.key), "new": pem(OTHER.key)}
    rule = AssertionsDocument(**{**PROVIDER.policy, "keys": keys}).rule
    for provider, kid in ((PROVIDER, "old"), (OTHER, "new")):
        assert asserted_subject(rule, provider.assertion(NOW, kid=kid), NOW) == "anna"
    with pytest.raises(NotPermitted, match="signature"):
        asserted_subject(rule, OTHER.assertion(NOW, kid="old"), NOW)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://other.example"}, "of another issuer"),
        ({"aud": "shop"}, "for another audience"),
        ({"aud": None}, "lacks one of"),
        ({"sub": None}, "lacks one of"),
        ({"exp": None}, "lacks one of"),
        ({"iat": None}, "lacks one of"),
        ({"exp": int(NOW)}, "too old"),
        ({"iat": int(NOW) - 301, "exp": int(NOW) + 9999}, "too old"),
        ({"iat": int(NOW) + 62}, "not valid yet"),
        ({"nbf": int(NOW) + 62}, "not valid yet"),
        ({"exp": "never"}, "times are not numbers"),
        ({"exp": True}, "times are not numbers"),
        ({"iat": float("nan"), "exp": float("inf")}, "times are not numbers"),
        ({"iat": -(10**400)}, "times are not numbers"),
        ({"nbf": float("nan")}, "times are not numbers"),
        ({"sub": 7}, "no signed JWT"),
    ],
    ids=str,
)
def test_what_an_assertion_has_to_say(claims: dict[str, Any], why: str) -> None:
    """Signed by the right key, it still has to be of this provider, for the vault, of somebody, and fresh."""
    assert why in refusal(PROVIDER.assertion(NOW, **claims))


def test_the_vault_may_be_one_of_several_audiences() -> None:
    """RFC 7519, section 4.1.3; and the provider's clock may be a minute ahead."""
    text = PROVIDER.assertion(NOW, aud=["shop", AUDIENCE], iat=int(NOW) + 60)
    assert asserted_subject(RULE, text, NOW) == "anna"


@pytest.mark.parametrize("issued", [NOW, int(NOW) + 0.5, int(NOW) + 59.5])
def test_a_time_may_have_a_fraction(issued: float) -> None:
    """A NumericDate may (RFC 7519, section 2), and providers in Python write one."""
    assert asserted_subject(RULE, PROVIDER.assertion(NOW, iat=issued), NOW) == "anna"


def test_it_lasts_to_its_end_and_no_longer() -> None:
    """To the policy's limit too, where the provider gives it longer."""
    text = PROVIDER.assertion(NOW, iat=int(NOW), exp=int(NOW) + 9999)
    assert asserted_subject(RULE, text, int(NOW) + 300) == "anna"
    assert "too old" in refusal(text, int(NOW) + 301)


def test_a_signature_is_of_the_key_that_it_names() -> None:
    """Nobody else's, and not of a key that the policy does not have."""
    assert "signature" in refusal(OTHER.assertion(NOW))
    assert "no key of its kid" in refusal(PROVIDER.assertion(NOW, kid="key-2"))
    assert "no key of its kid" in refusal(PROVIDER.assertion(NOW, kid=None))


def test_the_key_decides_on_the_algorithm() -> None:
    """Neither none, nor a secret in the place of the key pair (RFC 8725, section 2.1)."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "iat": int(NOW), "exp": int(NOW) + 60}
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": KEY_ID})
    by_secret = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": KEY_ID})
    for text in (unsigned, by_secret):
        assert "no signed JWT" in refusal(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "e30.e30.", "é", "x" * 8192])
def test_what_is_no_jwt_is_refused_unquoted(text: str) -> None:
    """Without a word of it in the answer."""
    said = refusal(text)
    assert not text.strip(".") or text not in said


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ('"kid":"KID"', '"sub":"bert","sub":"anna"'),
        ('"kid":"KID","kid":"KID"', '"sub":"anna"'),
        ('"kid":"KID"', '"sub":"anna","act":{"sub":"bert","sub":"carl"}'),
        ('"kid":"KID"', '"sub":"anna","s\\u0075b":"anna"'),
    ],
    ids=["claim", "header", "within a claim", "escaped"],
)
def test_no_name_stands_twice(header: str, claims: str) -> None:
    """Whoever reads it before us may take the other one (RFC 7519, section 4; RFC 7515, section 4)."""
    times = f'"iss":"{ISSUER}","aud":"{AUDIENCE}","iat":{int(NOW)},"exp":{int(NOW) + 60}'
    text = PROVIDER.signed(f'{{"alg":"ES256",{header.replace("KID", KEY_ID)}}}', f"{{{times},{claims}}}")
    assert "a name stands twice" in refusal(text)


def test_claims_within_claims_are_taken() -> None:
    """The same name in objects apart is no repetition."""
    assert asserted_subject(RULE, PROVIDER.assertion(NOW, act={"sub": "bert"}), NOW) == "anna"


def test_each_flip_is_noticed() -> None:
    """Of header, claims and signature."""
    text = PROVIDER.assertion(NOW)
    for at in range(0, len(text), 7):
        flipped = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        if flipped[-1] == text[-1]:
            refusal(flipped)


def public(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


PRIVATE = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"issuer": ""}, "1 to 256 characters"),
        ({"audience": "x" * 257}, "1 to 256 characters"),
        ({"keys": {}}, "from 1 to 10"),
        ({"keys": {"": pem(PROVIDER.key)}}, "1 to 256 characters"),
        ({"keys": {"k": "no key"}}, "no public key"),
        ({"keys": {"k": PRIVATE.decode()}}, "no public key"),
        ({"keys": {"k": pem(PROVIDER.key) + PRIVATE.decode()}}, "no public key"),
        ({"keys": {"k": public(rsa.generate_private_key(65537, 1024))}}, "no public key"),
        ({"keys": {"k": public(ec.generate_private_key(ec.SECP384R1()))}}, "no public key"),
        ({"keys": {"k": public(ed25519.Ed25519PrivateKey.generate())}}, "no public key"),
        ({"max_age_seconds": 0}, "from 1 to 3600"),
        ({"max_age_seconds": 3601}, "from 1 to 3600"),
    ],
    ids=[str(n) for n in range(13)],
)
def test_what_a_policy_may_say(changes: dict[str, Any], problem: str) -> None:
    """Each problem is found as the policy is loaded, not at the first reveal."""
    found = list(assertion_problems(AssertionsDocument(**{**PROVIDER.policy, **changes})))
    assert [problem in text for text in found] == ([True] if problem else [])

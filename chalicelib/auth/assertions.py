"""Signed assertions: a service's identity provider says which person the service asks for (RFC 7521).

The provider's public keys stand in the policy. The functions have no way out of their network, and a key that
is fetched is one more thing to trust; so a new key is a deploy, and several may stand there while one follows
another.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.caller import AssertionRule
from chalicelib.errors import AssertionRefused

MAX_KEYS: Final = 10
MAX_AGE_SECONDS: Final = (1, 3600)
"""The least and the most that an assertion's age may be limited to."""

MAX_TEXT: Final = 256
"""Characters of an issuer, an audience and a key's id."""

_LEEWAY_SECONDS: Final = 60
"""How far ahead the provider's clock may be (RFC 7519, section 4.1.5)."""

_FAR: Final = 1e12
"""Unix times beyond it, in either direction, are none: some 30,000 years."""

_ONE_PUBLIC_KEY: Final = re.compile(
    r"-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?"
)

_CLAIMS: Final = ("iss", "aud", "sub", "iat", "exp")


class AssertionsDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose assertions a client may pass on: of `issuer`, for `audience`, signed with one of `keys`: public
    keys in PEM by their ids (`kid`). `required`: whether it reveals nothing without one."""

    issuer: str
    audience: str
    keys: dict[str, str]
    max_age_seconds: int = 300
    required: bool = False

    @property
    def rule(self) -> AssertionRule:
        """What an assertion has to be."""
        return AssertionRule(self.issuer, self.audience, self.keys, self.max_age_seconds, self.required)


def assertion_problems(written: AssertionsDocument | None) -> Iterator[str]:
    """What is wrong with what a client's policy says of assertions."""
    if written is None:
        return
    least, most = MAX_AGE_SECONDS
    if not all(1 <= len(text) <= MAX_TEXT for text in (written.issuer, written.audience, *written.keys)):
        yield f"takes assertions whose issuer, audience or key ids are not of 1 to {MAX_TEXT} characters"
    if not 1 <= len(written.keys) <= MAX_KEYS:
        yield f"takes assertions of a number of keys that is not from 1 to {MAX_KEYS}"
    if any(_algorithm(pem) is None for pem in written.keys.values()):
        yield "takes assertions of what is no public key in PEM, of P-256, or of RSA with 2048 to 4096 bits"
    if not least <= written.max_age_seconds <= most:
        yield f"takes assertions of an age that is not from {least} to {most} seconds"


def asserted_subject(rule: AssertionRule, text: str, now: float) -> str:
    """The `sub` of an assertion that is what the rule asks for at this time (Unix).

    The key decides on the algorithm, never the assertion's own header (RFC 8725, section 3.1). It may be
    used again while it lasts. Raises `AssertionRefused`, which says what is wrong and quotes nothing.
    """
    claims = _signed(rule, text)
    _require_names_once(text)
    subject, issued, ends = claims["sub"], claims["iat"], claims["exp"]
    starts = claims.get("nbf", issued)
    if not all(_is_time(at) for at in (issued, ends, starts)):
        raise _refused("malformed", "its times are not numbers of seconds")
    if max(issued, starts) > now + _LEEWAY_SECONDS:
        raise _refused("early", "it is not valid yet")
    if now >= ends or now - issued > rule.max_age_seconds:
        raise _refused("late", "it is too old: ask the identity provider for a new one")
    return str(subject)


def _signed(rule: AssertionRule, text: str) -> Mapping[str, Any]:
    """The claims, once signature, issuer and audience are found to be right. Times are not looked at here."""
    import jwt  # noqa: PLC0415  # few policies take assertions, and each cold start would wait for it

    try:
        pem = rule.keys.get(jwt.get_unverified_header(text).get("kid", ""))
        if pem is None:
            raise _refused("key_unknown", "the policy has no key of its kid")
        return jwt.decode(
            text,
            pem,
            algorithms=[_algorithm(pem) or ""],
            audience=rule.audience,
            issuer=rule.issuer,
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidIssuerError:
        raise _refused("issuer", "it is of another issuer") from None
    except jwt.InvalidAudienceError:
        raise _refused("audience", "it is for another audience") from None
    except jwt.InvalidSignatureError:
        raise _refused("signature", "its signature is wrong") from None
    except jwt.MissingRequiredClaimError:
        raise _refused("malformed", f"it lacks one of {', '.join(_CLAIMS)}") from None
    except jwt.PyJWTError:
        raise _refused("malformed", "it is no signed JWT of the key's algorithm") from None


def _require_names_once(text: str) -> None:
    """Raises `AssertionRefused` if a name stands twice in an object of a JWT that was signed.

    A reader may take the last of them or refuse (RFC 7515 and RFC 7519, section 4). Another one on the way
    here may have taken the first, so that two would name two persons.
    """
    from jwt.utils import base64url_decode  # noqa: PLC0415  # as above

    try:
        for part in text.split(".")[:2]:
            json.loads(base64url_decode(part.rstrip("=")), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise _refused("malformed", "a name stands twice in it") from None


def _each_once(pairs: Sequence[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")


def _is_time(value: object) -> bool:
    """Whether it is a Unix time that can be counted with: Python reads NaN, infinity and numbers of any
    length out of JSON, and comparisons with NaN are always false."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -_FAR < value < _FAR


def _algorithm(pem: str) -> str | None:
    """How a public key signs (RFC 7518, section 3.1); None for what is no key, a weak or an unknown one, and
    for more than one block, of which two readers could take another one each."""
    if not _ONE_PUBLIC_KEY.fullmatch(pem):
        return None
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ES256" if isinstance(key.curve, ec.SECP256R1) else None
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256" if 2048 <= key.key_size <= 4096 else None
    return None


def _refused(reason: str, why: str) -> AssertionRefused:
    return AssertionRefused(f"assertion_{reason}", f"assertion: {why}", "/assertion")

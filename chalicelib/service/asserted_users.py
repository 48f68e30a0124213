"""The person whom a service passes on by a signed assertion of its identity provider."""

import re
from typing import Final

from chalicelib.auth.assertions import asserted_subject
from chalicelib.caller import AssertedUser, Caller
from chalicelib.errors import AssertionRefused
from chalicelib.formats.card_detector import looks_like_card

ASSERTED_SUB: Final = re.compile(r"[\x21-\x7e]{1,255}")
"""What a `sub` may be: ASCII of at most 255 characters (OpenID Connect Core 1.0, section 2). Providers write
UUIDs, base64url that may begin with `_` or `-`, and addresses (`https:`, `spiffe:`)."""


def asserted_user(caller: Caller, assertion: str | None, now: float) -> AssertedUser | None:
    """Whom the assertion names, at this time (Unix); None without one.

    Raises `AssertionRefused` if it is not what the policy asks for, if the policy takes none from this
    client, and if the client reveals nothing without one.
    """
    rule = caller.assertions
    if assertion is None:
        if rule is not None and rule.required:
            why = "this client reveals only for persons whom an assertion names (assertion)"
            raise AssertionRefused("assertion_missing", why)
        return None
    if rule is None:
        raise AssertionRefused("assertion_not_taken", "this client may not pass on an assertion (assertion)")
    sub = asserted_subject(rule, assertion, now)
    # Proof of who somebody is does not make a card number fit to stand in the audit trail for good.
    if not ASSERTED_SUB.fullmatch(sub) or looks_like_card(sub):
        why = "assertion: its sub is no id that may stand on record"
        raise AssertionRefused("assertion_subject", why, "/assertion")
    return AssertedUser(rule.issuer, sub)

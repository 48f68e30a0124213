"""The person whom a service passes on by a signed assertion of its identity provider."""

from chalicelib.auth.assertions import asserted_subject
from chalicelib.caller import AssertedUser, Caller
from chalicelib.errors import InvalidRequest, NotPermitted
from chalicelib.service.claimed_users import claimed_user


def asserted_user(caller: Caller, assertion: str | None, now: float) -> AssertedUser | None:
    """Whom the assertion names, at this time (Unix); None without one.

    Raises `NotPermitted` if it is not what the policy asks for, if the policy takes none from this client,
    and if the client reveals nothing without one.
    """
    rule = caller.assertions
    if assertion is None:
        if rule is not None and rule.required:
            raise NotPermitted("this client reveals only for persons whom an assertion names (assertion)")
        return None
    if rule is None:
        raise NotPermitted("this client may not pass on an assertion (assertion)")
    try:
        return AssertedUser(rule.issuer, claimed_user(asserted_subject(rule, assertion, now)))
    except InvalidRequest:
        # Proof of who somebody is does not make a card number fit to stand in the audit trail for good.
        raise NotPermitted("assertion: its sub is no id that may stand on record", "/assertion") from None

"""From the claims of a verified access token to a caller."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from chalicelib.auth.policy import Client, Policy
from chalicelib.auth.scopes import RESOURCE_SERVER, REVEALING_SCOPES
from chalicelib.caller import Caller, User
from chalicelib.errors import NotPermitted, Unauthenticated
from chalicelib.formats.card_detector import looks_like_card
from chalicelib.model import Action

_BETWEEN_GROUPS: Final = re.compile(r"[\s,\[\]]+")


def identify(claims: Mapping[str, str], api_key_id: str | None, policy: Policy) -> Caller:
    """The caller, by the claims that API Gateway verified and the API key that it checked.

    The tenant comes from the policy, never from the request. With another client's API key, and with nobody
    signed in where only people may ask, the caller is one that is refused. Raises `Unauthenticated` for
    anything but an access token, and `NotPermitted` for a client the policy does not know.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """
    if claims.get("token_use") != "access":
        raise Unauthenticated("an access token is needed, not an identity token")
    client = policy.clients.get((claims.get("iss", ""), claims.get("client_id", "")))
    if client is None:
        raise NotPermitted("the policy does not know this client")
    caller = acting(client, client.actions & _granted(scopes(claims)), _user(claims))
    if api_key_id not in client.api_key_ids:
        return caller.refusing(NotPermitted("the API key is not this client's", rule="api_key"))
    return caller if client.kind == "service" else _signed_in(caller, client, claims)


def acting(client: Client, actions: frozenset[Action], user: User | None = None) -> Caller:
    """A client as a caller that may do these of its actions, and the person behind it, if any."""
    return Caller(
        tenant=client.tenant,
        client=client.name,
        actions=actions,
        types=client.types,
        purposes=client.purposes,
        budgets=client.budgets,
        user=user,
        on_behalf_of=client.on_behalf_of,
        assertions=client.assertions,
        approval=client.approval,
        fields=client.fields,
    )


def _signed_in(caller: Caller, client: Client, claims: Mapping[str, str]) -> Caller:
    """What each of a person's groups allows, within what the client may. Without a group, nothing."""
    if caller.user is None:
        why = "nobody signed in to this client, and it is for people alone"
        return caller.refusing(NotPermitted(why, rule="sign_in"))
    named = (client.groups.get(group) for group in sorted(groups(claims)))
    return caller.in_groups(group for group in named if group is not None)


def groups(claims: Mapping[str, str]) -> frozenset[str]:
    """The groups of the person who signed in, as `<tenant>/<group>`.

    An array in an access token, which API Gateway hands on as one text: `a,b` by what people report of REST
    APIs, `[a b]` of HTTP APIs. No name of ours has any of these characters.
    https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/issues/802
    """
    return frozenset(name for name in _BETWEEN_GROUPS.split(claims.get("cognito:groups", "")) if name)


def _user(claims: Mapping[str, str]) -> User | None:
    """Who signed in; nobody did for an access token that a client got by its own credentials.

    Such an access token has the client's id as its `sub`, and no `username`. A user's `sub` is a UUID of
    Cognito's own making; a username is what an administrator typed, and stands in the audit trail for good:
    no card number may (PCI DSS 4.0.1, 3.5.1).
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    """
    sub, username = claims.get("sub", ""), claims.get("username", "")
    if not (sub and username) or sub == claims["client_id"]:
        return None
    return User(sub, None if looks_like_card(username) else username)


def scopes(claims: Mapping[str, str]) -> frozenset[str]:
    """The scopes of an access token (RFC 8693, section 4.2: separated by spaces)."""
    return _named(claims.get("scope", ""))


def refuse_revealing(caller: Caller, claims: Mapping[str, str]) -> Caller:
    """The caller, refused if its access token can reveal, list or erase: of the tokenizing function.

    An attacker who took that function over would see every access token that it is sent, and could
    replay these against the revealing function.
    """
    if not scopes(claims) & REVEALING_SCOPES:
        return caller
    why = "this route takes no access token with a scope that reveals, lists or erases"
    return caller.refusing(NotPermitted(f"{why}; ask for one without it", rule="access_token"))


@lru_cache(maxsize=64)
def _named(text: str) -> frozenset[str]:
    """Cached, since clients ask for the same scopes each time."""
    return frozenset(text.split())


@lru_cache(maxsize=64)
def _granted(carried: frozenset[str]) -> frozenset[str]:
    prefix = f"{RESOURCE_SERVER}/"
    return frozenset(scope.removeprefix(prefix) for scope in carried if scope.startswith(prefix))

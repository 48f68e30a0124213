"""Cognito app clients: a second secret, while one takes the place of the other.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""

import re
import secrets
import string
import time
from dataclasses import dataclass
from typing import Any, Final

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpUserPoolClient
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from local.emulator.patching import Extra, add, wrap

MOST: Final = 2
"""Secrets of an app client at a time."""

_WHY: Final = "moto knows one secret of an app client, for good"
_VALUE: Final = re.compile(r"[\w+]{24,64}")
_ALPHABET: Final = string.ascii_lowercase + string.digits
_LENGTH: Final = 51


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One secret; `created` is in seconds since 1970."""

    id: str
    value: str
    created: int

    def __repr__(self) -> str:
        return f"ClientSecret(id={self.id!r}, value=..., created={self.created})"

    @property
    def described(self) -> dict[str, Any]:
        """What a list shows of it, which is never the value."""
        return {"ClientSecretId": self.id, "ClientSecretCreateDate": self.created}


_kept: Final = Extra[list[ClientSecret]]("client_secrets", list)


def secrets_of(client: CognitoIdpUserPoolClient) -> list[ClientSecret]:
    """The secrets that the client may authenticate with, the oldest first; none of a public client."""
    return list(_kept.of(client))


@wrap(CognitoIdpUserPoolClient, "__init__", why=_WHY, seen_on="5.2.5")
def _init(original: Any, self: CognitoIdpUserPoolClient, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    _kept.put(self, [_made(self, self.secret)] if self.generate_secret else [])


@add(CognitoIdpResponse, "add_user_pool_client_secret", why=_WHY, seen_on="5.2.5")
def _add(self: CognitoIdpResponse) -> ActionResult:
    client, given = _addressed(self), self._get_param("ClientSecret")
    held = secrets_of(client)
    if not held:
        raise InvalidParameterException("The client has no secret, and a public client gets none.")
    if given is not None and not _VALUE.fullmatch(given):
        raise InvalidParameterException("ClientSecret: 24 to 64 letters, digits, _ and +.")
    if len(held) >= MOST:
        raise JsonRESTError("LimitExceededException", f"The client has {MOST} secrets already.")
    made = _made(client, given or "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))
    _keep(client, [*held, made])
    value = {} if given else {"ClientSecretValue": made.value}
    return ActionResult({"ClientSecretDescriptor": {**made.described, **value}})


@add(CognitoIdpResponse, "list_user_pool_client_secrets", why=_WHY, seen_on="5.2.5")
def _list(self: CognitoIdpResponse) -> ActionResult:
    return ActionResult({"ClientSecrets": [held.described for held in secrets_of(_addressed(self))]})


@add(CognitoIdpResponse, "delete_user_pool_client_secret", why=_WHY, seen_on="5.2.5")
def _delete(self: CognitoIdpResponse) -> ActionResult:
    client, unwanted = _addressed(self), self._get_param("ClientSecretId")
    held = secrets_of(client)
    left = [kept for kept in held if kept.id != unwanted]
    if left == held:
        raise ResourceNotFoundError("Client secret does not exist.")
    if not left:
        raise InvalidParameterException("The last secret of a client cannot be deleted.")
    _keep(client, left)
    return EmptyResult()


def _addressed(response: CognitoIdpResponse) -> CognitoIdpUserPoolClient:
    pool, client = response._get_param("UserPoolId"), response._get_param("ClientId")
    found: CognitoIdpUserPoolClient = response.backend.describe_user_pool_client(pool, client)
    return found


def _made(client: CognitoIdpUserPoolClient, value: str) -> ClientSecret:
    """Ids are `<client id>--<seconds>`; two of one second get different ones."""
    taken = {held.created for held in secrets_of(client)}
    now = int(time.time())
    created = now if now not in taken else max(taken) + 1
    return ClientSecret(f"{client.id}--{created}", value, created)


def _keep(client: CognitoIdpUserPoolClient, held: list[ClientSecret]) -> None:
    """AWS does not say which of two secrets DescribeUserPoolClient shows; here it is the oldest."""
    _kept.put(client, held)
    client.secret = held[0].value

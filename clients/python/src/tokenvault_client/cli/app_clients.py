"""An app client of a Cognito user pool, and its secrets by id."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tokenvault_client.cli.aws import aws
from tokenvault_client.cli.exits import UsageError
from tokenvault_client.sensitive import Sensitive

MOST: Final = 2
"""Secrets that Cognito lets an app client have at a time.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html"""


@dataclass(frozen=True)
class ClientSecret:
    """A secret by what may be told of it. `created` has a time zone."""

    id: str
    created: datetime

    def __str__(self) -> str:
        return f"{self.id} of {self.created.isoformat(timespec='seconds')}"


@dataclass(frozen=True)
class AppClient:
    """One app client. What its methods raise is boto3's; `opened` makes errors of ours of it."""

    _cognito: Any = field(repr=False)
    _named: dict[str, str]

    def secrets(self) -> list[ClientSecret]:
        """Those that it has, the oldest first."""
        answer = self._cognito.list_user_pool_client_secrets(**self._named)
        found = [_described(shown) for shown in answer["ClientSecrets"]]
        return sorted(found, key=lambda secret: (secret.created, secret.id))

    def add(self) -> tuple[ClientSecret, Sensitive[str]]:
        """Another secret, which Cognito makes, and its value, which Cognito shows this once."""
        made = self._cognito.add_user_pool_client_secret(**self._named)["ClientSecretDescriptor"]
        return _described(made), Sensitive(made["ClientSecretValue"])

    def delete(self, secret: ClientSecret) -> None:
        """From then on it gets no access token; Cognito keeps the last one."""
        self._cognito.delete_user_pool_client_secret(**self._named, ClientSecretId=secret.id)


@contextmanager
def opened(user_pool: str, client_id: str) -> Iterator[AppClient]:
    """The client of this id, in the Region that the pool's id begins with.

    Raises `UsageError`, `NotPermitted` and `Unavailable`.
    """
    with aws() as boto3:
        from botocore.config import Config  # noqa: PLC0415  # comes with boto3, which is an extra

        # An addition that came through and lost its answer is not to be sent again: it would be one too many.
        once = Config(retries={"total_max_attempts": 1})
        cognito = boto3.client("cognito-idp", user_pool.partition("_")[0], config=once)
        if not hasattr(cognito, "add_user_pool_client_secret"):
            raise UsageError("this needs a newer boto3: pip install 'boto3>=1.44.5'")
        yield AppClient(cognito, {"UserPoolId": user_pool, "ClientId": client_id})


def _described(shown: dict[str, Any]) -> ClientSecret:
    return ClientSecret(shown["ClientSecretId"], shown["ClientSecretCreateDate"])

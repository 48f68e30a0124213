"""The account of the benchmarks: that of the tests, with the production clients, over the stub."""

import json
from collections.abc import Callable
from typing import Any, Final

import app as table_of_contents
from benchmarks.aws.session import StubbedAws
from chalicelib import wiring
from chalicelib.telemetry import Telemetry
from tests.support import policies
from tests.support.events import event, signed_in
from tests.support.world import REGION, World

TYPES: Final[dict[str, dict[str, Any]]] = {
    "opaque": {"format": "text"},
    "formatted": {"format": "card_number", "options": {"keep_last": 4}},
    "cached": {"format": "text", "mode": "deterministic", "derivation": "cached"},
    "kms": {"format": "text", "mode": "deterministic", "derivation": "kms"},
}

CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    # As long as a role's: it is signed, too.
    "AWS_SESSION_TOKEN": "t" * 800,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""For this process's environment: no account is ever reached."""

HANDLERS: Final = {"tokenize": table_of_contents.app, "reveal": table_of_contents.reveal}


class Account(World):
    """Tables, keys, a policy, and both functions with the clients that they have in production.

    Made while the stub is installed: `World` makes clients of its own.
    """

    def __init__(self, aws: StubbedAws, types: dict[str, dict[str, Any]] = TYPES) -> None:
        self.aws = aws
        super().__init__(policies.document(types))
        self.telemetry = Telemetry("benchmark")

    def client(self, service: str, region: str = REGION) -> Any:
        """As the functions have it."""
        return wiring.aws_client(service, region)

    def handler(self, function: str) -> Callable[[Any], Any]:
        """A Lambda handler: an event of API Gateway in, its response out."""
        served, handle = self.services[function], HANDLERS[function]

        def handled(asked: Any) -> Any:
            # One process holds both functions here; in Lambda each has its own.
            wiring.service = lambda: served  # type: ignore[assignment]  # a cached function there
            return handle(asked, None)

        return handled


def tokenize_event(kind: str, values: list[str]) -> dict[str, Any]:
    """`POST /v1/tokenize`."""
    body = {"items": [{"type": kind, "value": value} for value in values]}
    return signed_in(event("POST", "/v1/tokenize", body), "checkout", "vault/tokenize")


def detokenize_event(tokens: list[str]) -> dict[str, Any]:
    """`POST /v1/detokenize`, in full."""
    body = {"items": [{"token": token} for token in tokens], "purpose": "settlement"}
    return signed_in(event("POST", "/v1/detokenize", body), "settlement", "vault/detokenize")


def erase_event(subject: str) -> dict[str, Any]:
    """`DELETE /v1/subjects/{subject}`."""
    asked = event("DELETE", "/v1/subjects/{subject}", pathParameters={"subject": subject})
    return signed_in(asked, "privacy", "vault/erase")


def results(answer: Any) -> list[dict[str, Any]]:
    """The results of a response. Raises `ValueError` for a response that is none."""
    if answer["statusCode"] != 200:
        raise ValueError(answer["statusCode"])
    return list(json.loads(answer["body"])["results"])

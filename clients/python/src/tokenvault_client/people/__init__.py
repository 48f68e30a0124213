"""People who sign in: the authorization code flow with PKCE, and the access tokens that come of it."""

from tokenvault_client.people.codes import PORTS, Attempt, SignInFailed
from tokenvault_client.people.endpoint import Endpoint, Granted
from tokenvault_client.people.loopback import Loopback
from tokenvault_client.people.store import SignIn, Store
from tokenvault_client.people.tokens import PersonTokens

__all__ = [
    "PORTS",
    "Attempt",
    "Endpoint",
    "Granted",
    "Loopback",
    "PersonTokens",
    "SignIn",
    "SignInFailed",
    "Store",
]

"""Cognito signing keys: one key a user pool, published under its own name."""

import functools
import json
import threading
from types import SimpleNamespace
from typing import Any, Final

from joserfc import jwk, jwt
from moto.cognitoidp import models, urls
from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool, cognitoidp_backends

from local.emulator.patching import Extra, replace_value, wrap

_ONE_KEY_WHY: Final = (
    "moto signs for every pool with one key that is printed in its package, "
    "so a token of another pool, or one that anybody made, has a good signature"
)
_signing_key: Final = Extra[jwk.RSAKey | None]("signing_key", lambda: None)
_making: Final = threading.Lock()


def signing_key(pool: CognitoIdpUserPool) -> jwk.RSAKey:
    """The pool's own RSA key, made when it is first asked for: 50 ms that most tests never need."""
    with _making:
        key = _signing_key.of(pool) or _new_key()
        _signing_key.put(pool, key)
    return key


def _new_key() -> jwk.RSAKey:
    key = jwk.RSAKey.generate_key(2048, private=True)
    key.ensure_kid()
    return key


def sign(pool: CognitoIdpUserPool, claims: dict[str, Any]) -> str:
    """An RS256 JWT under the pool's key."""
    key = signing_key(pool)
    return jwt.encode({"kid": key.kid, "alg": "RS256"}, claims, key)


def find_pool(pool_id: str) -> CognitoIdpUserPool | None:
    """The pool of this id in whatever account and Region it lives."""
    for backend in backends():
        if pool_id in backend.user_pools:
            return backend.user_pools[pool_id]
    return None


def backends() -> list[CognitoIdpBackend]:
    """Cognito's state in every account and Region that was used."""
    return [backend for account in list(cognitoidp_backends.values()) for backend in list(account.values())]


_any_key: Final = functools.cache(_new_key)

# What moto signs with it is signed again, so all that matters about this key is what it costs.
replace_value(
    models,
    "jwk",
    SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda printed: _any_key())),
    why="moto takes 60 ms for each new pool to import the key that is printed in its package",
    seen_on="5.2.5",
)


@wrap(CognitoIdpUserPool, "create_jwt", why=_ONE_KEY_WHY, seen_on="5.2.5")
def _create_jwt(original: Any, self: CognitoIdpUserPool, *args: Any, **kwargs: Any) -> tuple[str, int]:
    signed_by_moto, lifetime = original(self, *args, **kwargs)
    claims = jwt.decode(signed_by_moto, self.json_web_key).claims
    return sign(self, claims), lifetime


def _serve_json_web_keys(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], str]:
    pool_id = full_url.split("/.well-known/", maxsplit=1)[0].rsplit("/", 1)[-1]
    pool = find_pool(pool_id)
    if pool is None:
        return 404, {"Content-Type": "application/json"}, json.dumps({"message": "User pool does not exist."})
    public = {**signing_key(pool).as_dict(private=False), "alg": "RS256", "use": "sig"}
    return 200, {"Content-Type": "application/json"}, json.dumps({"keys": [public]})


_JWKS_PATH: Final = next(path for path in urls.url_paths if path.endswith("jwks.json$"))
replace_value(
    urls,
    "url_paths",
    {**urls.url_paths, _JWKS_PATH: functools.wraps(urls.url_paths[_JWKS_PATH])(_serve_json_web_keys)},
    why=_ONE_KEY_WHY,
    seen_on="5.2.5",
)

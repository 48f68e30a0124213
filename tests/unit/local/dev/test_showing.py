"""What `make dev` prints of who may call it."""

from types import SimpleNamespace
from typing import Any

from local.dev.stack import show

SERVICE = {"tenant": "shop", "name": "checkout", "scopes": ["vault/tokenize"]}
SECRETS = {"client_id": "an-id", "client_secret": "a-secret", "api_key": "a-key"}
PEOPLES = {"tenant": "shop", "name": "desk", "client_id": "another", "scopes": ["vault/read"]}


def test_clients_that_people_sign_in_to_are_shown_with_the_way_in() -> None:
    """They have no secret to show, and were left out."""
    said: list[str] = []
    outputs = {"people": {"clients": [PEOPLES]}}
    stack: Any = SimpleNamespace(token_url="http://t", clients=[SERVICE | SECRETS], outputs=outputs)
    show(stack, said.append)
    assert [line.strip().split("\n")[0] for line in said] == [
        "access tokens: http://t",
        "shop/checkout: vault/tokenize",
        "shop/desk: vault/read",
        'a client of these, in a shell: eval "$(make env CLIENT=NAME)"',
    ]
    assert said[-2].endswith('{"client_id": "another"} people sign in: `tokenvault login`')

"""A vault whose type has another PRF key, behind Lambda's API and its own, and the keys of a recipient."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tokenvault_client.cli import retiring

from chalicelib import key_wiring, retokenize_wiring, wiring
from chalicelib.service import key_events, retokenize_events, token_walker
from tests.client.doctor import stacks
from tests.client.retokenize.running import ALL, Vault
from tests.client.service import Answer, Seen, Service
from tests.support.answers import tokens
from tests.support.exports import RECIPIENT, pem
from tests.support.retokenizing import naming, switch
from tests.support.world import World, world


@pytest.fixture
def account() -> Iterator[World]:
    """Nine values, tokenized under the first key, of a type that has the second one by now."""
    with world(naming()) as made:
        tokens(made.tokenize(*({"type": "text_known", "value": value} for value in ALL)))
        switch(made, naming(text_known=2))
        yield made


def functions(account: World) -> Callable[[str, dict[str, Any]], Any]:
    """The functions of the account, as Lambda has them: one call at a time, in new containers."""

    def maintain(event: dict[str, Any]) -> dict[str, Any]:
        env, client = account.env("maintain"), account.client
        if "retokenize" in event:
            return retokenize_events.walk(retokenize_wiring.build_token_walker(env, client), event)
        if "prf_key" in event:
            return wiring.prepare(env, client, account.telemetry, event["prf_key"])
        return key_events.answer(key_wiring.build_walker(env, client), event)

    def reveal(event: dict[str, Any]) -> dict[str, Any]:
        made = wiring.build_retokenizer(account.env("reveal"), account.client, account.telemetry)
        return retokenize_wiring.retokenize(made, account.telemetry, event, "request")

    def answer(name: str, event: dict[str, Any]) -> Any:
        return key_wiring.answered(reveal if name == "tv-reveal" else maintain, event)

    return answer


@pytest.fixture
def vault(account: World, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """All of it, in pages of at most four tokens, with the recipient's keys in a folder."""
    monkeypatch.setattr(token_walker, "PAGE_TOKENS", 4)
    one_at_a_time = Lock()

    def usual(seen: Seen) -> Answer:
        with one_at_a_time:
            return _through(account, seen)

    service.scopes, service.usual = "vault/read vault/erase", usual
    (tmp_path / "recipient.pub").write_text(pem())
    private = RECIPIENT.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "recipient.key").write_bytes(private)
    public = account.kms.get_public_key(KeyId=account.receipt_key)["PublicKey"]
    (tmp_path / "receipts.der").write_bytes(public)
    (tmp_path / "outputs.json").write_text(stacks.document(stacks.values()))
    return Vault(account, service, tmp_path, functions(account))


@pytest.fixture
def moved(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """With a file of all pairs, retired four pairs at a time."""
    monkeypatch.setattr(retiring, "BATCH", 4)
    assert vault.move().code == 0
    return vault


def _through(account: World, seen: Seen) -> Answer:
    """Reading and erasing, which two clients of the account may do."""
    token = seen.path.rpartition("/")[2]
    made = account.facts(token) if seen.method == "GET" else account.erase(token=token)
    return Answer(made.status, made.body, {"Content-Type": made.raw.content_type})

"""A vault with nine values, served over HTTP in small pages, and the keys of who exports it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.service import exporter
from tests.client.exporting.running import ALL
from tests.client.service import Answer, Seen, Service
from tests.support import policies
from tests.support.answers import tokens
from tests.support.exports import RECIPIENT, pem
from tests.support.world import World, world


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """Nine tokens, and a client that exports without approval."""
    with world(policies.exporting()) as made:
        tokens(made.tokenize(*({"type": "text", "value": value} for value in ALL)))
        yield made


@pytest.fixture
def vault(account: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service, answered by the account's functions in pages of at most four tokens."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)
    one_at_a_time = Lock()  # as a container is

    def usual(seen: Seen) -> Answer:
        with one_at_a_time:
            return _through(account, seen)

    service.scopes, service.usual = "vault/export", usual
    return service


@pytest.fixture
def place(tmp_path: Path, account: World) -> Path:
    """A folder with the recipient's keys and the vault's public key."""
    (tmp_path / "recipient.pub").write_text(pem())
    private = RECIPIENT.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "recipient.key").write_bytes(private)
    public = account.kms.get_public_key(KeyId=account.receipt_key)["PublicKey"]
    (tmp_path / "receipts.der").write_bytes(public)
    return tmp_path


def _through(account: World, seen: Seen) -> Answer:
    answer = account.call("reveal", seen.method, seen.path, "mover", scopes=("export",), json_body=seen.body)
    return Answer(answer.status, answer.body, {"Content-Type": answer.raw.content_type})

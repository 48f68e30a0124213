"""An export from its beginning to its end, as a client carries it, and the keys of who opens it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from tests.support.answers import tokens
from tests.support.export_reader import read, read_all
from tests.support.world import Answer, World

RECIPIENT = ec.generate_private_key(ec.SECP256R1())
TEXT = {"type": "text", "value": "some text"}
CARD = {"type": "card_number", "value": "4111111111111111"}


def texts(account: World, count: int, **options: Any) -> list[str]:
    """Tokens of so many values, each another one."""
    return tokens(account.tokenize(*({**TEXT, "value": f"text {n}"} for n in range(count)), **options))


def events(account: World, action: str) -> list[dict[str, Any]]:
    """The events of an action, in their order."""
    found = [item for item in account.events() if item["action"]["S"] == action]
    return sorted(found, key=lambda item: item["sk"]["S"])


def outcomes(event: dict[str, Any]) -> list[tuple[str | None, str]]:
    """The token and what became of it."""
    found = [outcome["M"] for outcome in event["outcomes"]["L"]]
    return [(each.get("token", {}).get("S"), each["outcome"]["S"]) for each in found]


def pem(private: ec.EllipticCurvePrivateKey = RECIPIENT) -> str:
    """The public half, as people send it."""
    key = private.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def payload_of(cursor: str) -> Any:
    """What a cursor says in the clear."""
    return json.loads(base64.urlsafe_b64decode(cursor.partition(".")[0] + "=="))


def terms(**changed: Any) -> dict[str, Any]:
    """What is asked for, by default all types."""
    return {"recipient": pem(), "purpose": "moving", **changed}


def send(account: World, route: str, body: dict[str, Any], client: str = "mover", **options: Any) -> Answer:
    """A step of an export."""
    given = {"scopes": ("export",), "json_body": body, **options}
    return account.call("reveal", "POST", route, client, **given)


def ask(account: World, **options: Any) -> Answer:
    """`POST /v1/exports/approvals`."""
    return send(account, "/v1/exports/approvals", terms(), **options)


def begin(account: World, changed: dict[str, Any] | None = None, **options: Any) -> Answer:
    """`POST /v1/exports`."""
    return send(account, "/v1/exports", terms(**(changed or {})), **options)


def page(account: World, opening: str, cursor: str, **options: Any) -> Answer:
    """`POST /v1/exports/pages`."""
    return send(account, "/v1/exports/pages", {"opening": opening, "cursor": cursor}, **options)


@dataclass
class Carried:
    """An export as far as a client has carried it."""

    account: World
    opening: str
    cursor: str | None
    lines: list[str]

    def step(self, **options: Any) -> Answer:
        """The next page."""
        assert self.cursor is not None
        answer = page(self.account, self.opening, self.cursor, **options)
        if answer.status == 200:
            self.take(answer.body)
        return answer

    def take(self, body: dict[str, Any]) -> None:
        """Puts a page behind the others."""
        last = {"last": True} if body["receipt"] else {}
        self.lines.append(json.dumps({"chunk": body["number"], "sealed": body["sealed"], **last}))
        self.cursor = body["cursor"]
        if body["receipt"]:
            self.lines.append(json.dumps({"receipt": body["receipt"]}))

    def finish(self, **options: Any) -> list[str]:
        """The lines of the whole file."""
        while self.cursor is not None:
            answer = self.step(**options)
            assert answer.status == 200, answer.body
        return self.lines


def begun_in_parts(account: World, parts: int, **changed: Any) -> list[Carried]:
    """An export that was begun in parts."""
    answer = begin(account, {"parts": parts, **changed})
    assert answer.status == 201, answer.body
    opening = answer.body["opening"]
    return [
        Carried(
            account,
            opening,
            cursor,
            [json.dumps({"tokenvault_export": 2, "opening": opening, "part": number})],
        )
        for number, cursor in enumerate(answer.body["cursors"], 1)
    ]


def begun(account: World, changed: dict[str, Any] | None = None, **options: Any) -> Carried:
    """An export that was begun."""
    answer = begin(account, changed, **options)
    assert answer.status == 201, answer.body
    opening = answer.body["opening"]
    return Carried(
        account, opening, answer.body["cursor"], [json.dumps({"tokenvault_export": 1, "opening": opening})]
    )


def receipt_key(account: World) -> Any:
    """What verifies the vault's signatures."""
    return load_der_public_key(account.kms.get_public_key(KeyId=account.receipt_key)["PublicKey"])


def opened(account: World, lines: list[str], private: ec.EllipticCurvePrivateKey = RECIPIENT) -> list[Any]:
    """What a file holds, by the second reader."""
    return read(lines, private, receipt_key(account))


def opened_parts(account: World, files: Sequence[list[str]]) -> list[Any]:
    """What the files of an export in parts hold, by the second reader."""
    return read_all(files, RECIPIENT, receipt_key(account))


def exported(account: World, changed: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """All entries of a new export, by token."""
    entries = opened(account, begun(account, changed, **options).finish(**options))
    assert len({entry["token"] for entry in entries}) == len(entries)
    return {entry["token"]: entry for entry in entries}

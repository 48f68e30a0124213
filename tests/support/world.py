"""Both functions of the app over an emulated AWS account in this process.

Everything from the composition root inwards is the real thing; the account is moto with the emulator's
patches, or one on a running emulator (`tests.support.account`). Faults are injected around the calls of
clients, so nothing of ours is replaced.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import wiring
from chalicelib.api.handler import Service, respond
from chalicelib.api.messages import ApiRequest, ApiResponse
from chalicelib.auth.scopes import scope
from chalicelib.aws import clients
from chalicelib.config import takes_fast_path
from chalicelib.telemetry import Telemetry
from tests.support import policies
from tests.support.account import emulated

REGION = "us-east-1"
COMPOSITION_ROOT = (
    "wiring",
    "account",
    "key_wiring",
    "tokenizing_wiring",
    "revealing_wiring",
    "export_wiring",
    "retokenize_wiring",
)
"""The modules that hand in the clock."""
TABLES = ("vault", "keys", "policy", "audit", "subjects", "idempotency", "budgets")
Fault = Callable[[str, dict[str, Any]], Exception | dict[str, Any] | None]
"""Given `service.Operation` and its parameters: raise it, answer with it, or let the call through."""
MakeCall = Callable[[str, dict[str, Any]], Any]
"""Makes a call, given the name of its operation and its parameters."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, its body parsed."""

    status: int
    body: Any
    raw: ApiResponse

    @property
    def only(self) -> Any:
        """The one entry of `results`."""
        [result] = self.body["results"]
        return result


class World:
    """An account with tables, keys and a policy, and the functions in it."""

    def __init__(self, written: dict[str, Any]) -> None:
        self.calls: list[str] = []
        self.fault: Fault | None = None
        self._requests = count(1)
        self.dynamodb, self.kms = boto3.client("dynamodb", REGION), boto3.client("kms", REGION)
        self.vault_kek = self._key("vault KEK")
        self.index_kek = self._key("index KEK")
        self.hmac_key = self._key("HMAC key", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        self.audit_key = self._key("audit chains")
        self.receipt_key = self._key("receipts", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        for name in TABLES:
            self._table(name)
        self.put_policy(written)
        self.telemetry = Telemetry("test")
        wiring.maintain(self.env("maintain"), self.client, self.telemetry, None)
        self.calls.clear()
        self.services = {
            function: wiring.build(self.env(function), self.client, self.telemetry)
            for function in ("tokenize", "reveal")
        }

    def restart(self) -> None:
        """New containers: nothing cached."""
        for function in ("tokenize", "reveal"):
            self.services[function] = wiring.build(self.env(function), self.client, self.telemetry)

    def env(self, function: str) -> dict[str, str]:
        """The environment that Terraform gives a function."""
        tokenizing = {"TOKENVAULT_IDEMPOTENCY_TABLE": "idempotency"}
        others = {
            "TOKENVAULT_VAULT_KEK_ARN": self.vault_kek,
            "TOKENVAULT_RECEIPT_KEY_ARN": self.receipt_key,
            "TOKENVAULT_REGIONS": REGION,
        }
        derives = function == "tokenize" or self.replaces_prf_keys
        return {
            "AWS_REGION": REGION,
            "TOKENVAULT_FUNCTION": function,
            "TOKENVAULT_VAULT_ID": policies.VAULT_ID,
            "TOKENVAULT_VAULT_TABLE": "vault",
            "TOKENVAULT_KEYS_TABLE": "keys",
            "TOKENVAULT_POLICY_TABLE": "policy",
            "TOKENVAULT_POLICY_SHA256": self.policy_digest,
            "TOKENVAULT_INDEX_KEK_ARN": self.index_kek,
            "TOKENVAULT_REGION_SLOTS": ",".join(map(str, range(16))),
            "TOKENVAULT_SUBJECTS_TABLE": "subjects",
            "TOKENVAULT_AUDIT_TABLE": "audit",
            "TOKENVAULT_AUDIT_KEY_ARN": self.audit_key,
            **({} if function == "maintain" else {"TOKENVAULT_BUDGETS_TABLE": "budgets"}),
            **({"TOKENVAULT_HMAC_KEY_ARN": self.hmac_key} if derives and function != "maintain" else {}),
            **(tokenizing if function == "tokenize" else others),
        }

    def put_policy(self, written: dict[str, Any]) -> None:
        """Stores a policy as Terraform does."""
        text, self.policy_digest = policies.text_and_digest(written)
        self.replaces_prf_keys = any(kind.get("prf_key", 1) > 1 for kind in written["types"].values())
        item = {"pk": {"S": "policy"}, "sk": {"S": self.policy_digest}, "document": {"S": text}}
        self.dynamodb.put_item(TableName="policy", Item=item)

    def deploy(self, written: dict[str, Any]) -> None:
        """Another policy, as containers see it that start after it."""
        self.put_policy(written)
        self.restart()

    def client(self, service: str, region: str = REGION) -> Any:
        """A client as the functions have it, but for its waiting between tries."""
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=32)
        made = clients.client(service, region, config, fast_path=takes_fast_path(os.environ))
        service, make_call = made.meta.service_model.service_name, made._make_api_call
        made._make_api_call = lambda name, given: self._call(f"{service}.{name}", given, make_call)
        return made

    def call(self, function: str, method: str, route: str, client: str, **options: Any) -> Answer:
        """Sends a request as API Gateway hands it to a function."""
        answer = respond(
            self.request(method, route, client, **options), self._service(function), self.telemetry
        )
        return Answer(answer.status, json.loads(answer.body) if answer.body else None, answer)

    def request(
        self,
        method: str,
        route: str,
        client: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        scopes: tuple[str, ...] = (),
        api_key_of: str | None = None,
        token: str | None = None,
        subject: str | None = None,
        approval: str | None = None,
        idempotency_key: str | None = None,
        cursor: str | None = None,
        without_api_key: bool = False,
        **claims: str,
    ) -> ApiRequest:
        """A request of a client with an access token of these scopes."""
        carried = {
            "iss": policies.ISSUER,
            "client_id": f"id-of-{client}",
            "token_use": "access",
            "scope": " ".join(scope(action) for action in scopes),
        }
        return ApiRequest(
            method=method,
            route=route,
            path_parameters={
                name: given
                for name, given in (("token", token), ("subject", subject), ("approval", approval))
                if given is not None
            },
            body=json.dumps(json_body).encode() if body is None else body,
            claims=carried | claims,
            api_key_id=None if without_api_key else f"key-of-{api_key_of or client}",
            request_id=f"request-{next(self._requests)}",
            idempotency_key=idempotency_key,
            cursor=cursor,
        )

    def tokenize(self, *items: dict[str, Any], client: str = "checkout", **options: Any) -> Answer:
        """`POST /v1/tokenize`."""
        options.setdefault("json_body", {"items": list(items)})
        return self.call("tokenize", "POST", "/v1/tokenize", client, **{"scopes": ("tokenize",), **options})

    def import_tokens(self, *items: dict[str, Any], client: str = "migration", **options: Any) -> Answer:
        """`POST /v1/import`, under a policy that has the client (`policies.importing`)."""
        options.setdefault("json_body", {"items": list(items)})
        return self.call("tokenize", "POST", "/v1/import", client, **{"scopes": ("import",), **options})

    def detokenize(
        self, *tokens: str, client: str = "settlement", purpose: str | None = "settlement", **options: Any
    ) -> Answer:
        """`POST /v1/detokenize`, in full."""
        body = {"items": [{"token": token} for token in tokens], "purpose": purpose}
        options.setdefault("json_body", body)
        return self.call("reveal", "POST", "/v1/detokenize", client, **{"scopes": ("detokenize",), **options})

    def masked(self, *tokens: str, **claims: str) -> Answer:
        """`POST /v1/detokenize`, masked, by the support client."""
        body = {"items": [{"token": token} for token in tokens], "reveal": "masked"}
        return self.detokenize(client="support", json_body=body, scopes=("detokenize.masked",), **claims)

    def facts(self, token: str, client: str = "checkout", **options: Any) -> Answer:
        """`GET /v1/tokens/{token}`."""
        return self.call(
            "tokenize", "GET", "/v1/tokens/{token}", client, token=token, **{"scopes": ("read",), **options}
        )

    def search(self, *items: dict[str, Any], client: str = "privacy", **options: Any) -> Answer:
        """`POST /v1/search`."""
        options.setdefault("json_body", {"items": list(items)})
        return self.call("tokenize", "POST", "/v1/search", client, **{"scopes": ("search",), **options})

    def erase(self, client: str = "privacy", **named: str) -> Answer:
        """`DELETE` of a token or of a subject."""
        route = "/v1/tokens/{token}" if "token" in named else "/v1/subjects/{subject}"
        return self.call("reveal", "DELETE", route, client, scopes=("erase",), **named)

    def subject(self, subject: str, client: str = "privacy", **options: Any) -> Answer:
        """`GET /v1/subjects/{subject}`."""
        route, given = "/v1/subjects/{subject}", {"scopes": ("subjects.read",), **options}
        return self.call("reveal", "GET", route, client, subject=subject, **given)

    def ask_approval(
        self, *tokens: str, client: str = "settlement", purpose: str = "settlement", **options: Any
    ) -> Answer:
        """`POST /v1/approvals`."""
        body = {"items": [{"token": token} for token in tokens], "purpose": purpose}
        given = {"scopes": ("detokenize",), "json_body": body, **options}
        return self.call("reveal", "POST", "/v1/approvals", client, **given)

    def approval(self, approval: str, client: str = "officer", **options: Any) -> Answer:
        """`GET /v1/approvals/{approval}`."""
        given = {"scopes": ("approve",), **options}
        return self.call("reveal", "GET", "/v1/approvals/{approval}", client, approval=approval, **given)

    def decide(
        self, approval: str, decision: str = "approve", client: str = "officer", **options: Any
    ) -> Answer:
        """`POST /v1/approvals/{approval}/decision`."""
        route, given = "/v1/approvals/{approval}/decision", {"scopes": ("approve",), **options}
        body = {"decision": decision}
        return self.call("reveal", "POST", route, client, approval=approval, json_body=body, **given)

    def maintain(self) -> None:
        """One run of the maintenance function."""
        wiring.maintain(self.env("maintain"), self.client, self.telemetry, None)

    def settle(self) -> None:
        """Lets the time pass that the clean-up of erased subjects waits for."""
        for work in self.items("subjects"):
            if work["pk"]["S"] == "erasing":
                self.store(work | {"at": {"N": "0"}}, "subjects")

    def items(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table, raw."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def events(self) -> list[dict[str, Any]]:
        """The events of the audit trail, its checkpoints apart."""
        return [item for item in self.items("audit") if item["action"]["S"] != "checkpoint"]

    def stored(self, token: str, tenant: str = "shop") -> dict[str, Any]:
        """The stored record of a token."""
        key = {"pk": {"S": f"{tenant}#{token}"}, "sk": {"S": "record"}}
        return dict(self.dynamodb.get_item(TableName="vault", Key=key)["Item"])

    def store(self, item: dict[str, Any], table: str = "vault") -> None:
        """Overwrites an item, as somebody who can write to the table would."""
        self.dynamodb.put_item(TableName=table, Item=item)

    def clear(self, *tables: str) -> None:
        """Takes everything out of tables."""
        for table in tables:
            for item in self.items(table):
                key = {name: item[name] for name in ("pk", "sk")}
                self.dynamodb.delete_item(TableName=table, Key=key)

    def _service(self, function: str) -> Callable[[], Service]:
        return lambda: self.services[function]

    def _call(self, name: str, given: dict[str, Any], make_call: MakeCall) -> Any:
        """One call of a client, which may meet a fault instead."""
        self.calls.append(name)
        fault = self.fault and self.fault(name, given)
        if isinstance(fault, Exception):
            raise fault
        return make_call(name.partition(".")[2], given) if fault is None else fault

    def _key(self, description: str, **kind: str) -> str:
        made = self.kms.create_key(Description=description, MultiRegion=True, **kind)  # type: ignore[arg-type]
        return str(made["KeyMetadata"]["Arn"])

    def _table(self, name: str) -> None:
        indexes: Any = [
            _index("by_subject", {"ProjectionType": "KEYS_ONLY"}, subject="HASH"),
            _index(
                "by_expiry",
                {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["origin"]},
                expiry_queue="HASH",
                remove_at="RANGE",
            ),
        ]
        keys = {"pk": "S", "sk": "S"}
        indexed = {"subject": "S", "expiry_queue": "S", "remove_at": "N"} if name == "vault" else {}
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": kind}
                for attribute, kind in (keys | indexed).items()
            ],
            **({"GlobalSecondaryIndexes": indexes} if name == "vault" else {}),
        )


def _index(name: str, projection: dict[str, Any], **keys: str) -> dict[str, Any]:
    schema = [{"AttributeName": attribute, "KeyType": kind} for attribute, kind in keys.items()]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


@contextmanager
def world(written: dict[str, Any] | None = None) -> Iterator[World]:
    """A fresh account with the policy of the tests, or another one."""
    with emulated():
        yield World(policies.document() if written is None else written)

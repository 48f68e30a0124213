"""nodii-pii 0.20.0 as a service would use it: its tokens, keys and audit rows kept in DynamoDB.

The library asks for a store of our own making (`PiiDbClient`). This one makes one write for a value, one read
for a token and one write for an audit row, with the bare client's defaults: the least that each can take.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import boto3
from nodii_pii import InitPiiConfig, detokenize, erase_per_subject, init_pii, tokenize, tokenize_bulk
from nodii_pii.types import (
    DekAbsent,
    DekErased,
    DekPresent,
    PiiMappingAbsent,
    PiiMappingInsertArgs,
    PiiMappingPresent,
    PiiMappingRedacted,
    PiiMappingRow,
    SecretValue,
)
from nodii_telemetry import InitTelemetryConfig, configure_telemetry, init_telemetry

T = TypeVar("T")
Item = dict[str, Any]

TENANT: Final = "00000000-0000-4000-8000-000000000001"
KIND: Final = "CUSTOMER"
FIELD: Final = "card_number"
_TABLE: Final = "peer"


class Vault:
    """A tenant's tokens: values in and back, and a person erased. One event loop for all calls."""

    def __init__(self, region: str) -> None:
        self._loop = asyncio.new_event_loop()
        store = Store(region)
        configure_telemetry(audit={"writer": store.audit})
        init_telemetry(InitTelemetryConfig(service_name="benchmark", env="test", disable_otlp=True))
        init_pii(
            InitPiiConfig(
                service_name="benchmark",
                region=region,
                env="test",
                db=store,
                secrets_manager_client=Salts(),
            )
        )

    def tokenize(self, values: list[str], subject: str) -> list[str]:
        """Tokens of a person's values."""
        of: dict[str, Any] = {
            "tenant_id": TENANT,
            "field_name": FIELD,
            "subject_id": subject,
            "subject_kind": KIND,
        }
        if len(values) == 1:
            return [self._done(tokenize(values[0], **of))]
        return self._done(tokenize_bulk(values, **of))

    def detokenize(self, tokens: list[str]) -> list[str | None]:
        """The values; the library has no call for many."""
        may = [f"pii:detokenize:{FIELD}"]
        return [
            self._done(detokenize(token, tenant_id=TENANT, caller_permissions=may, field_name=FIELD))
            for token in tokens
        ]

    def erase(self, subject: str) -> None:
        """Destroys a person's key, and what lies under it."""
        self._done(erase_per_subject(TENANT, subject, KIND))

    def _done(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(work)


class Salts:
    """The salt of the one tenant: fetched once an hour, so where it comes from makes no difference."""

    async def get_secret_value(self, secret_id: str) -> SecretValue:
        """As Secrets Manager answers it."""
        return SecretValue(secret_string="5a" * 32)


class Store:
    """`PiiDbClient` over DynamoDB."""

    def __init__(self, region: str) -> None:
        self._client = boto3.client("dynamodb", region)

    async def insert_pii_mapping(self, args: PiiMappingInsertArgs) -> bool:
        """A value's row, unless its token has one."""
        return self._put_new(
            {
                "pk": {"S": f"{args.tenant_id}#{args.token}"},
                "sk": {"S": "mapping"},
                "subject": {"S": f"{args.tenant_id}#{args.subject_id}"},
                "kind": {"S": str(args.subject_kind)},
                "field": {"S": args.field_name},
                "value": {"B": args.raw_value_encrypted},
                "iv": {"B": args.iv},
                "tag": {"B": args.auth_tag},
                "key": {"S": args.encryption_key_id},
            }
        )

    async def lookup_pii_mapping(
        self, tenant_id: str, token: str
    ) -> PiiMappingPresent | PiiMappingRedacted | PiiMappingAbsent:
        """A token's row."""
        item = self._get(f"{tenant_id}#{token}", "mapping")
        if item is None:
            return PiiMappingAbsent()
        return PiiMappingPresent(_row(tenant_id, token, item)) if "value" in item else PiiMappingRedacted()

    async def lookup_dek_ciphertext(
        self, tenant_id: str, subject_id: str, subject_kind: str
    ) -> DekPresent | DekErased | DekAbsent:
        """A person's wrapped key."""
        item = self._get(f"{tenant_id}#{subject_id}", subject_kind)
        if item is None:
            return DekAbsent()
        return (
            DekPresent(item["dek"]["B"], item["key"]["S"], item["key"]["S"]) if "dek" in item else DekErased()
        )

    async def insert_dek_ciphertext(
        self, tenant_id: str, subject_id: str, subject_kind: str, dek: bytes, key: str, version: str
    ) -> bool:
        """A person's wrapped key, unless there is one."""
        place = {"pk": {"S": f"{tenant_id}#{subject_id}"}, "sk": {"S": subject_kind}}
        return self._put_new({**place, "dek": {"B": dek}, "key": {"S": key}, "version": {"S": version}})

    async def execute_erase_per_subject(self, tenant_id: str, subject_id: str, subject_kind: str) -> None:
        """The key goes, and the value of each row."""
        self._put({"pk": {"S": f"{tenant_id}#{subject_id}"}, "sk": {"S": subject_kind}})
        found = self._client.query(
            TableName=_TABLE,
            IndexName="by_subject",
            KeyConditionExpression="subject = :subject",
            ExpressionAttributeValues={":subject": {"S": f"{tenant_id}#{subject_id}"}},
        )
        for item in found["Items"]:
            self._put({name: item[name] for name in ("pk", "sk", "subject")})

    def audit(self, row: Any) -> None:
        """One audit row."""
        self._put(
            {
                "pk": {"S": f"audit#{row.tenant_id}"},
                "sk": {"S": str(row.id)},
                "action": {"S": row.action},
                "resource": {"S": str(row.resource_id)},
                "actor": {"S": str(row.actor_kind)},
                "at": {"S": row.at.isoformat()},
            }
        )

    def _put(self, item: Item) -> None:
        self._client.put_item(TableName=_TABLE, Item=item)

    def _put_new(self, item: Item) -> bool:
        try:
            self._client.put_item(TableName=_TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _get(self, partition: str, sort: str) -> Item | None:
        key = {"pk": {"S": partition}, "sk": {"S": sort}}
        return self._client.get_item(TableName=_TABLE, Key=key, ConsistentRead=True).get("Item")


def _row(tenant_id: str, token: str, item: Item) -> PiiMappingRow:
    return PiiMappingRow(
        tenant_id=tenant_id,
        subject_id=item["subject"]["S"].partition("#")[2],
        subject_kind=item["kind"]["S"],
        token=token,
        field_name=item["field"]["S"],
        raw_value_encrypted=item["value"]["B"],
        encryption_key_id=item["key"]["S"],
        iv=item["iv"]["B"],
        auth_tag=item["tag"]["B"],
    )

"""The way of AWS's public sample, written anew: what most people would start from.

https://github.com/aws-samples/aws-serverless-tokenization and the blog post that it belongs to,
https://aws.amazon.com/blogs/compute/building-a-serverless-tokenization-solution-to-mask-sensitive-data/

A token is a UUID; the item goes through the encryption client's table with a KMS call for each item, and
the client asks for the table's description whenever such a table is made. As published, all of this is made
again for each request; with `keep` the resource, the provider and the client are kept, which the sample
could do without changing its way, so that it is not beaten for a slip. It has no policy, no audit trail, no
token formats and no batches: a batch here is a loop within one request.
"""

import json
import uuid
from typing import Any, Final

import boto3
from dynamodb_encryption_sdk.encrypted.table import EncryptedTable
from dynamodb_encryption_sdk.identifiers import CryptoAction
from dynamodb_encryption_sdk.material_providers.aws_kms import AwsKmsCryptographicMaterialsProvider
from dynamodb_encryption_sdk.structures import AttributeActions

TABLE: Final = "sample"
ACCOUNT: Final = "123456789012"


class Sample:
    """Tokenizes and detokenizes, one item after the other."""

    def __init__(self, kms_key_arn: str, region: str, *, keep: bool) -> None:
        self._key, self._region = kms_key_arn, region
        self._clients = (boto3.resource("dynamodb", region), self._provider()) if keep else None

    def tokenize(self, asked: Any) -> dict[str, Any]:
        """An event of API Gateway in, its response out."""
        table, tokens = self._table(), []
        for item in json.loads(asked["body"])["items"]:
            token = str(uuid.uuid4())
            table.put_item(Item={"pk": token, "sk": ACCOUNT, "CandidateString": item["value"]})
            tokens.append({"token": token})
        return _answer(tokens)

    def detokenize(self, asked: Any) -> dict[str, Any]:
        """The same the other way."""
        table = self._table()
        found = [
            table.get_item(Key={"pk": item["token"], "sk": ACCOUNT})["Item"]
            for item in json.loads(asked["body"])["items"]
        ]
        return _answer([{"token": item["pk"], "value": item["CandidateString"]} for item in found])

    def _table(self) -> EncryptedTable:
        resource, provider = self._clients or (boto3.resource("dynamodb", self._region), self._provider())
        return EncryptedTable(
            table=resource.Table(TABLE),
            materials_provider=provider,
            attribute_actions=AttributeActions(
                default_action=CryptoAction.ENCRYPT_AND_SIGN,
                attribute_actions={"sk": CryptoAction.DO_NOTHING},
            ),
        )

    def _provider(self) -> AwsKmsCryptographicMaterialsProvider:
        return AwsKmsCryptographicMaterialsProvider(key_id=self._key)


def _answer(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"statusCode": 200, "body": json.dumps({"results": results})}

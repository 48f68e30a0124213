"""What cannot be done without: JSON in, the bare client's calls with everything at its default, JSON out."""

import json
from typing import Any

import boto3

Item = dict[str, Any]


class Floor:
    """The floors of the operations, with items of the sizes that the service stores."""

    def __init__(self, region: str, record: Item, event: Item) -> None:
        """`record` is a sealed record and `event` an audit item, both as the service stores them."""
        self._client = boto3.client("dynamodb", region)
        self._record, self._event = record, event

    def put_item(self) -> None:
        """One bare `put_item`, which batches are measured against."""
        self._client.put_item(TableName="vault", Item=self._record)

    def tokenize(self, asked: Any) -> str:
        """One write."""
        json.loads(asked["body"])
        self.put_item()
        return json.dumps({"results": [{"token": self._record["pk"]["S"]}]})

    def detokenize(self, asked: Any) -> str:
        """One read and one audit write."""
        json.loads(asked["body"])
        found = self._client.query(
            TableName="vault",
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": self._record["pk"]},
        )
        self._client.put_item(TableName="audit", Item=self._event)
        return json.dumps({"results": [{"token": found["Items"][0]["pk"]["S"]}]})

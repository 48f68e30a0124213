"""Events of a DynamoDB stream, as Lambda hands them to a function."""

import base64
import json
from collections.abc import Sequence
from typing import Any


def as_json(item: dict[str, Any]) -> dict[str, Any]:
    """An item as Lambda and DynamoDB's exports tell it: JSON, with bytes as base64."""
    encoded = json.dumps(item, default=lambda raw: base64.b64encode(bytes(raw)).decode())
    return dict(json.loads(encoded))


def record(number: int, item: dict[str, Any] | None, name: str = "INSERT") -> dict[str, Any]:
    """One record. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb"""
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": 1795600000 + number,
        "SequenceNumber": str(number),
        "StreamViewType": "NEW_IMAGE",
    }
    return {
        "eventID": f"event-{number}",
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": change if item is None else {**change, "NewImage": as_json(item)},
    }


def records(items: Sequence[dict[str, Any]], first: int = 100) -> list[dict[str, Any]]:
    """What Lambda is handed when these items are added one after the other."""
    return [record(first + index, item) for index, item in enumerate(items)]

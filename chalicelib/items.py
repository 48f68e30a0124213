"""DynamoDB items in the form that the low-level client takes."""

from typing import Any

Item = dict[str, Any]
"""Attribute values by name, each a map of one type to one value: `{"pk": {"S": "shop#tok_1"}}`.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""


def place(item: Item) -> tuple[str, str]:
    """Partition and sort key of an item."""
    return item["pk"]["S"], item["sk"]["S"]


def primary_key(partition: str, sort: str) -> Item:
    """The primary key of an item, as requests name it."""
    return {"pk": {"S": partition}, "sk": {"S": sort}}

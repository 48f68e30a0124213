"""DynamoDB items in the form that the low-level client takes."""

from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

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


def parts(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    """The whole in pieces of at most this size."""
    return [whole[start : start + size] for start in range(0, len(whole), size)]

"""How the tables speak to DynamoDB: the client, its errors, its conditions, and waiting.

Single-item conditional writes only: they are atomic in one Region and need no more than
`dynamodb:PutItem`. What botocore raises is translated here, and never chained: its messages can
quote items.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from chalicelib.aws.errors import AWS_ERRORS, RETRY_HINT, error_code, explain, is_lasting
from chalicelib.errors import StoreRefused, StoreUnavailable
from chalicelib.items import Item

P = ParamSpec("P")
T = TypeVar("T")

IF_NEW: Final = {
    # The second writer to a place is told so, even in the same millisecond.
    "ConditionExpression": "attribute_not_exists(pk)",
}
RETURN_OLD: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
CONDITION_FAILED: Final = "ConditionalCheckFailedException"


class DynamoDbClient(Protocol):
    """The part of boto3's low-level DynamoDB client that is used here."""

    def put_item(self, **request: Any) -> dict[str, Any]: ...
    def get_item(self, **request: Any) -> dict[str, Any]: ...
    def query(self, **request: Any) -> dict[str, Any]: ...
    def scan(self, **request: Any) -> dict[str, Any]: ...
    def batch_get_item(self, **request: Any) -> dict[str, Any]: ...
    def batch_write_item(self, **request: Any) -> dict[str, Any]: ...
    def update_item(self, **request: Any) -> dict[str, Any]: ...
    def delete_item(self, **request: Any) -> dict[str, Any]: ...


class ItemExists(Exception):  # an outcome, not a failure
    """Another item stands where one was to be written; `existing` is that item."""

    def __init__(self, existing: Item) -> None:
        super().__init__("another item stands there")
        self.existing = existing


def translate_errors(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Makes one DynamoDB call.

    Raises `ItemExists` if its condition failed, `StoreRefused` for what lasts, and `StoreUnavailable` for all
    else, which name AWS's code and nothing else.
    """
    try:
        return call(*args, **kwargs)
    except AWS_ERRORS as error:
        if error_code(error) == CONDITION_FAILED:
            raise ItemExists(_existing(error)) from None
        if is_lasting("DynamoDB", error):
            raise StoreRefused(explain("DynamoDB", error)) from None
        raise StoreUnavailable(f"{explain('DynamoDB', error)}; {RETRY_HINT}") from None


def query_all(client: DynamoDbClient, request: dict[str, Any]) -> Iterator[Item]:
    """All items of a query, page by page. Raises `StoreUnavailable`."""
    page: dict[str, Any] = {}
    while True:
        answer = translate_errors(client.query, **request, **page)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def put_new(client: DynamoDbClient, table: str, item: Item, condition: Mapping[str, Any] = IF_NEW) -> None:
    """Writes an item unless its place is taken. Raises `ItemExists` or `StoreUnavailable`.

    A write that botocore sent again after its answer was lost meets its own item, and is `ItemExists` too.
    """
    translate_errors(client.put_item, TableName=table, Item=item, **condition, **RETURN_OLD)


def put_stands(client: DynamoDbClient, table: str, item: Item, condition: Mapping[str, Any] = IF_NEW) -> bool:
    """Writes an item unless its place is taken, and says whether it stands there now.

    A write that botocore sent again after its answer was lost meets its own item, which stands. Raises
    `StoreUnavailable`.
    """
    try:
        put_new(client, table, item, condition)
    except ItemExists as other:
        return other.existing == item
    return True


def condition_holds(call: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Makes one conditional call, and says whether its condition held. Raises `StoreUnavailable`."""
    try:
        translate_errors(call, *args, **kwargs)
    except ItemExists:
        return False
    return True


def _existing(error: Exception) -> Item:
    response: Mapping[str, Any] = getattr(error, "response", {})
    return dict(response.get("Item", {}))


class Backoff:
    """Waits between rounds of a batch that DynamoDB left partly undone: full jitter, bounded.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    ROUNDS: Final = 6
    FIRST_SECONDS: Final = 0.05
    LONGEST_SECONDS: Final = 1.0

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._sleep, self._uniform = sleep, uniform

    def rounds(self) -> Iterator[int]:
        """The rounds to try, waiting before each except the first: at most about four seconds in all."""
        for number in range(self.ROUNDS):
            if number:
                longest = min(self.LONGEST_SECONDS, self.FIRST_SECONDS * 2**number)
                self._sleep(self._uniform(0, longest))
            yield number

"""How the tables speak to DynamoDB: the client, its errors, its conditions, and waiting.

Single-item conditional writes only: they are atomic in one Region and need no more than
`dynamodb:PutItem`. What botocore raises is translated here, and never chained: its messages can
quote items.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import StoreUnavailable

T = TypeVar("T")

IF_NEW: Final = {
    # Whoever comes second to a place learns it, also in the same millisecond.
    "ConditionExpression": "attribute_not_exists(pk)",
}
RETURN_OLD: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
CONDITION_FAILED: Final = "ConditionalCheckFailedException"
AGAIN: Final = "the same request may be sent again"


class DynamoDbClient(Protocol):
    """The part of boto3's low-level DynamoDB client that is used here."""

    def put_item(self, **request: Any) -> dict[str, Any]: ...
    def get_item(self, **request: Any) -> dict[str, Any]: ...
    def query(self, **request: Any) -> dict[str, Any]: ...
    def batch_get_item(self, **request: Any) -> dict[str, Any]: ...
    def batch_write_item(self, **request: Any) -> dict[str, Any]: ...
    def update_item(self, **request: Any) -> dict[str, Any]: ...
    def delete_item(self, **request: Any) -> dict[str, Any]: ...


def asking(call: Callable[[], T]) -> T:
    """Runs one DynamoDB call; whatever goes wrong is `StoreUnavailable`, naming AWS's code only."""
    try:
        return call()
    except ClientError as error:
        raise StoreUnavailable(f"DynamoDB did not do it ({error_code(error)}); {AGAIN}") from None
    except BotoCoreError as error:
        raise StoreUnavailable(f"DynamoDB did not answer ({type(error).__name__}); {AGAIN}") from None


class ItemExists(Exception):  # an outcome, not a failure
    """Another item stands where one was to be written; `standing` is that item."""

    def __init__(self, standing: dict[str, Any]) -> None:
        super().__init__("another item stands there")
        self.standing = standing


def query_all(client: DynamoDbClient, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All items of a query, page by page. Raises `StoreUnavailable`."""
    page: dict[str, Any] = {}
    while True:
        answer = asking(lambda page=page: client.query(**request, **page))  # type: ignore[misc]
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        page = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def put_new(
    client: DynamoDbClient, table: str, item: dict[str, Any], condition: Mapping[str, Any] = IF_NEW
) -> None:
    """Writes an item unless its place is taken. Raises `ItemExists` or `StoreUnavailable`.

    A write that botocore sent again after its answer was lost meets its own item, and is `ItemExists` too.
    """
    try:
        client.put_item(TableName=table, Item=item, **condition, **RETURN_OLD)
    except ClientError as error:
        if error_code(error) == CONDITION_FAILED:
            raise ItemExists(dict(error.response.get("Item", {}))) from None
        raise StoreUnavailable(f"DynamoDB did not do it ({error_code(error)}); {AGAIN}") from None
    except BotoCoreError as error:
        raise StoreUnavailable(f"DynamoDB did not answer ({type(error).__name__}); {AGAIN}") from None


def condition_holds(call: Callable[[], Any]) -> bool:
    """Runs one conditional call, and says whether its condition held. Raises `StoreUnavailable`."""
    try:
        call()
    except ClientError as error:
        if error_code(error) == CONDITION_FAILED:
            return False
        raise StoreUnavailable(f"DynamoDB did not do it ({error_code(error)}); {AGAIN}") from None
    except BotoCoreError as error:
        raise StoreUnavailable(f"DynamoDB did not answer ({type(error).__name__}); {AGAIN}") from None
    return True


def error_code(error: ClientError) -> str:
    """The code that AWS gave an error, which unlike its message quotes nothing."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


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
        """The rounds to try, waiting before each but the first: at most about four seconds in all."""
        for number in range(self.ROUNDS):
            if number:
                longest = min(self.LONGEST_SECONDS, self.FIRST_SECONDS * 2**number)
                self._sleep(self._uniform(0, longest))
            yield number

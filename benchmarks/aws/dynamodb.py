"""DynamoDB as far as the service uses it: tables in dictionaries, conditions, and consumed units."""

import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from benchmarks.aws.on_disk import SEGMENTS, TableOnDisk
from benchmarks.aws.sizes import READ_UNIT_BYTES, WRITE_UNIT_BYTES, item_bytes, units

Item = dict[str, Any]
MakeError = Callable[..., Exception]

_KEY: Final = re.compile(r"(\w+) = (:\w+)")
_NEW: Final = re.compile(r"attribute_not_exists\(\s*#?\w+\s*\)")
_ADD: Final = re.compile(r"ADD (#?\w+) (:\w+)")
_EQUAL: Final = re.compile(r"(#?\w+) = (:\w+)")
_ALL_EQUAL: Final = re.compile(rf"{_EQUAL.pattern}( AND {_EQUAL.pattern})*")
_OF_A_WALK: Final = "begins_with(pk, :tenant) AND sk = :record AND attribute_exists(#description)"


class DynamoDb:
    """Items by table, partition and sort key. An unknown operation is a loud error, not a wrong answer."""

    def __init__(self, error: MakeError) -> None:
        self._error = error
        self._tables: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
        """Items as JSON, by table, partition and sort key."""
        self.write_units: Counter[str] = Counter()
        self.read_units: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer to a request's body."""
        with self._lock:
            return _OPERATIONS[operation](self, asked)

    def fill(self, table: str, numbers: Iterable[int], like: Item) -> None:
        """Stores copies of a record in further partitions, as in a table that has been in use for long."""
        same = {"record": json.dumps(like)}
        self._tables[table].update({f"{like['pk']['S']}-{number}": same for number in numbers})

    def keep(self, table: str, held: TableOnDisk) -> None:
        """Has a table lie in a file from now on: such a one can be scanned."""
        self._tables[table] = held

    def dump(self) -> dict[str, Any]:
        """The tables in memory, as JSON has them."""
        return {name: table for name, table in self._tables.items() if isinstance(table, dict)}

    def load(self, tables: dict[str, Any]) -> None:
        """The tables of another one's `dump`."""
        for name, partitions in tables.items():
            self._tables[name].update(partitions)

    def items(self, table: str) -> list[Item]:
        """All items of a table."""
        return [json.loads(text) for items in self._tables[table].values() for text in items.values()]

    def _put_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        table, item = asked["TableName"], asked["Item"]
        partition, sort = _place(item)
        existing = self._tables[table][partition].get(sort)
        self.write_units[table] += units(item_bytes(item), WRITE_UNIT_BYTES)
        if not _holds(asked, existing):
            old = {} if existing is None else {"Item": json.loads(existing)}
            raise self._error("ConditionalCheckFailedException", **old)
        self._tables[table][partition][sort] = json.dumps(item)
        return {}

    def _batch_write_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        for table, requests in asked["RequestItems"].items():
            for request in requests:
                self._put_item({"TableName": table, "Item": request["PutRequest"]["Item"]})
        return {"UnprocessedItems": {}}

    def _get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._get(asked["TableName"], asked["Key"])
        self._read(asked["TableName"], found or {}, asked)
        return {"Item": found} if found else {}

    def _batch_get_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        responses: dict[str, list[Item]] = {}
        for table, request in asked["RequestItems"].items():
            found = [self._get(table, key) for key in request["Keys"]]
            for item in found:
                self._read(table, item or {}, request)
            responses[table] = [item for item in found if item]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        [(name, value)] = _KEY.findall(asked["KeyConditionExpression"])
        found = self._under(asked["TableName"], name, asked["ExpressionAttributeValues"][value])
        found = found[:: 1 if asked.get("ScanIndexForward", True) else -1][: asked.get("Limit")]
        size = sum(item_bytes(item) for item in found)
        consistent = asked.get("ConsistentRead", False)
        self.read_units[asked["TableName"]] += units(size, READ_UNIT_BYTES) / (1 if consistent else 2)
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _scan(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A segment of a table on disk, filtered and projected as a walk over records asks for it."""
        if (asked["FilterExpression"], asked["TotalSegments"]) != (_OF_A_WALK, SEGMENTS):
            raise NotImplementedError(asked["FilterExpression"])
        after, limit = asked.get("ExclusiveStartKey"), asked["Limit"]
        rows = self._tables[asked["TableName"]].scan(
            asked["Segment"], _place(after) if after else ("", ""), limit
        )
        self.read_units[asked["TableName"]] += units(sum(len(row[2]) for row in rows), READ_UNIT_BYTES)
        found = [item for row in rows if (item := _projected(row[2], asked)) is not None]
        last = {"pk": {"S": rows[-1][0]}, "sk": {"S": rows[-1][1]}} if len(rows) == limit else None
        answer = {"Items": found, "Count": len(found), "ScannedCount": len(rows)}
        return answer if last is None else {**answer, "LastEvaluatedKey": last}

    def _under(self, table: str, name: str, value: dict[str, str]) -> list[Item]:
        """The items under a partition key, of the table or of a sparse index, by their sort keys."""
        if name == "pk":
            texts = [text for _, text in sorted(self._tables[table].get(value["S"], {}).items())]
            return [json.loads(text) for text in texts]
        return [item for item in self.items(table) if item.get(name) == value]

    def _update_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Counters: `ADD name :number`, and whatever condition is asked holds."""
        item = self._get(asked["TableName"], asked["Key"]) or dict(asked["Key"])
        names, values = asked.get("ExpressionAttributeNames", {}), asked["ExpressionAttributeValues"]
        for name, value in _ADD.findall(asked["UpdateExpression"]):
            attribute = names.get(name, name)
            added = int(item.get(attribute, {"N": "0"})["N"]) + int(values[value]["N"])
            item[attribute] = {"N": str(added)}
        self._put_item({"TableName": asked["TableName"], "Item": item})
        return {"Attributes": item}

    def _delete_item(self, asked: dict[str, Any]) -> dict[str, Any]:
        partition, sort = _place(asked["Key"])
        self._tables[asked["TableName"]][partition].pop(sort, None)
        self.write_units[asked["TableName"]] += 1
        return {}

    def _create_table(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"TableDescription": {"TableName": asked["TableName"]}}

    def _describe_table(self, asked: dict[str, Any]) -> dict[str, Any]:
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        schema = [{"AttributeName": name, "KeyType": kind} for name, kind in keys]
        return {"Table": {"TableName": asked["TableName"], "KeySchema": schema}}

    def _get(self, table: str, key: Item) -> Item | None:
        partition, sort = _place(key)
        text = self._tables[table].get(partition, {}).get(sort)
        return None if text is None else dict(json.loads(text))

    def _read(self, table: str, item: Item, asked: dict[str, Any]) -> None:
        consumed = units(item_bytes(item), READ_UNIT_BYTES)
        self.read_units[table] += consumed / (1 if asked.get("ConsistentRead") else 2)


def _holds(asked: dict[str, Any], existing: str | None) -> bool:
    """Whether the condition of a write holds: that there is no item, or that attributes are these."""
    condition = asked.get("ConditionExpression")
    if condition is None:
        return True
    if _NEW.search(condition):
        return existing is None
    if not _ALL_EQUAL.fullmatch(condition):
        raise NotImplementedError(condition)
    held = {} if existing is None else json.loads(existing)
    names, values = asked.get("ExpressionAttributeNames", {}), asked["ExpressionAttributeValues"]
    return all(held.get(names.get(name, name)) == values[value] for name, value in _EQUAL.findall(condition))


def _projected(text: str, asked: dict[str, Any]) -> Item | None:
    """Key and material description of a record, if it is one of the tenant that is asked for."""
    item, values = json.loads(text), asked["ExpressionAttributeValues"]
    description = asked["ExpressionAttributeNames"]["#description"]
    is_record = item["sk"] == values[":record"] and description in item
    if not is_record or not item["pk"]["S"].startswith(values[":tenant"]["S"]):
        return None
    return {"pk": item["pk"], description: item[description]}


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


_OPERATIONS: Final = {
    "PutItem": DynamoDb._put_item,
    "BatchWriteItem": DynamoDb._batch_write_item,
    "GetItem": DynamoDb._get_item,
    "BatchGetItem": DynamoDb._batch_get_item,
    "Query": DynamoDb._query,
    "Scan": DynamoDb._scan,
    "UpdateItem": DynamoDb._update_item,
    "DeleteItem": DynamoDb._delete_item,
    "CreateTable": DynamoDb._create_table,
    "DescribeTable": DynamoDb._describe_table,
}

"""What calls functions besides the API: schedules and streams, as they were deployed."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from local.account import Account

Event = dict[str, Any]
Invoke = Callable[[str, Event], Any]
"""Runs the function that has a name."""

LONGEST_WINDOW_SECONDS: Final = 2.0
"""A batching window is kept up to here: nobody rehearses a runbook to wait for it."""

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNIT_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}


class Background:
    """Threads that call functions until they are stopped. What fails is written to a log and tried again."""

    def __init__(self, works: Iterable["Repeated"], log: Path) -> None:
        self._log = log
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(work,), daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends each once it has done what it is doing."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _repeat(self, work: "Repeated") -> None:
        while not self._stopping.wait(work.seconds):
            try:
                work.do()
            except Exception as error:  # noqa: BLE001  # the next time may do; the account may be gone
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(f"{work.name}: {type(error).__name__}\n")


@dataclass(frozen=True)
class Repeated:
    """Something to do again and again, with a pause before each time."""

    name: str
    seconds: float
    do: Callable[[], object]


def schedules(account: Account, invoke: Invoke) -> Iterable[Repeated]:
    """The functions that EventBridge's rules call at a rate."""
    events = account.client("events")
    for rule in events.list_rules()["Rules"]:
        seconds = rate_seconds(rule.get("ScheduleExpression", ""))
        if seconds is None or rule["State"] != "ENABLED":
            continue
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            name = function_name(target["Arn"])
            yield Repeated(rule["Name"], seconds, partial(invoke, name, {}))


def rate_seconds(expression: str) -> int | None:
    """The seconds of `rate(1 hour)`, or None for anything else."""
    rate = _RATE.fullmatch(expression)
    return int(rate[1]) * _UNIT_SECONDS[rate[2]] if rate else None


def streams(account: Account, invoke: Invoke) -> Iterable[Repeated]:
    """The functions that event source mappings hand the records of a table's stream to."""
    for mapping in account.client("lambda").list_event_source_mappings()["EventSourceMappings"]:
        if mapping["State"] == "Enabled" and ":dynamodb:" in mapping["EventSourceArn"]:
            reader = Stream(account, mapping, invoke)
            window = min(mapping.get("MaximumBatchingWindowInSeconds", 0), LONGEST_WINDOW_SECONDS)
            yield Repeated(mapping["EventSourceArn"], max(window, 0.2), reader.read)


class Stream:
    """One reader of a stream from its beginning. A batch that failed comes again, from where it failed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """

    def __init__(self, account: Account, mapping: dict[str, Any], invoke: Invoke) -> None:
        self._client = account.client("dynamodbstreams")
        self._arn, self._size = mapping["EventSourceArn"], mapping["BatchSize"]
        self._function, self._invoke = function_name(mapping["FunctionArn"]), invoke
        self._position: dict[str, str] = {}

    def read(self) -> None:
        """Hands on what was added since the last time. Raises what the function raised."""
        for shard in self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]:
            while self._read(shard["ShardId"]):
                pass

    def _read(self, shard: str) -> bool:
        """One batch; says whether it was taken and there may be more."""
        after = self._position.get(shard)
        place = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if after is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        )
        begin = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **place)["ShardIterator"]
        records = self._client.get_records(ShardIterator=begin, Limit=self._size)["Records"]
        if not records:
            return False
        failed = _failed(self._invoke(self._function, {"Records": [told(record) for record in records]}))
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        done = numbers if failed is None else numbers[: numbers.index(failed)]
        if done:
            self._position[shard] = done[-1]
        return failed is None


def _failed(answer: Any) -> str | None:
    """The first record that a function says it did not take."""
    failures = (answer or {}).get("batchItemFailures") or []
    return str(failures[0]["itemIdentifier"]) if failures else None


def told(record: dict[str, Any]) -> dict[str, Any]:
    """A record as Lambda tells it: JSON, with bytes as base64 and times as seconds."""

    def encoded(value: Any) -> Any:
        return value.timestamp() if isinstance(value, datetime) else base64.b64encode(bytes(value)).decode()

    return dict(json.loads(json.dumps({**record, "eventSource": "aws:dynamodb"}, default=encoded)))


def function_name(arn: str) -> str:
    """The name within a function's ARN, with or without an alias."""
    return arn.rpartition(":function:")[2].partition(":")[0]

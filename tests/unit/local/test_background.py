"""What calls functions besides the API."""

import datetime
import threading

import pytest

from local.background import Background, Repeated, Stream, function_name, rate_seconds, told

MAPPING = {
    "EventSourceArn": "arn:aws:dynamodb:us-east-1:1:table/audit/stream/now",
    "FunctionArn": "arn:aws:lambda:us-east-1:1:function:archive-us-east-1:live",
    "BatchSize": 2,
}


class Streams:
    """A stream of one shard with numbered records, as DynamoDB tells it."""

    def __init__(self, count: int) -> None:
        self.numbers = [str(number) for number in range(1, count + 1)]

    def client(self, service):
        assert service == "dynamodbstreams"
        return self

    def describe_stream(self, StreamArn):
        return {"StreamDescription": {"Shards": [{"ShardId": "only"}]}}

    def get_shard_iterator(self, StreamArn, ShardId, ShardIteratorType, SequenceNumber="0"):
        return {"ShardIterator": SequenceNumber}

    def get_records(self, ShardIterator, Limit):
        later = [number for number in self.numbers if int(number) > int(ShardIterator)]
        return {"Records": [{"dynamodb": {"SequenceNumber": number}} for number in later[:Limit]]}


def numbers(event: dict) -> list[str]:
    """The records of an event."""
    return [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]


def test_a_stream_is_read_once_in_batches():
    """From its beginning, in order, no more at a time than the mapping says; later only what is new."""
    account, seen = Streams(5), []
    stream = Stream(account, MAPPING, lambda name, event: seen.append((name, numbers(event))))
    stream.read()
    assert seen == [("archive-us-east-1", batch) for batch in (["1", "2"], ["3", "4"], ["5"])]
    account.numbers.append("6")
    stream.read()
    assert seen[3:] == [("archive-us-east-1", ["6"])]


def test_a_batch_comes_again_from_where_it_failed():
    """What the function says it did not take, and all of it when the function raised."""
    account, seen = Streams(2), []

    def fails(name, event):
        seen.append(numbers(event))
        if len(seen) == 1:
            raise RuntimeError
        return {"batchItemFailures": [{"itemIdentifier": "2"}]} if len(seen) == 2 else None

    stream = Stream(account, MAPPING, fails)
    with pytest.raises(RuntimeError):
        stream.read()
    stream.read()
    stream.read()
    stream.read()
    assert seen == [["1", "2"], ["1", "2"], ["2"]]


def test_records_are_told_as_lambda_does():
    """JSON: bytes in base64, and seconds."""
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    change = {"ApproximateCreationDateTime": when, "NewImage": {"mac": {"B": b"\x00\xff"}}}
    record = told({"eventName": "INSERT", "dynamodb": change})
    assert record["eventSource"] == "aws:dynamodb"
    assert record["dynamodb"] == {
        "ApproximateCreationDateTime": when.timestamp(),
        "NewImage": {"mac": {"B": "AP8="}},
    }


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 hour)", 3600), ("rate(5 minutes)", 300), ("rate(2 days)", 172800), ("cron(0 1 * * ? *)", None)],
)
def test_rates(expression, seconds):
    """Those of EventBridge; anything else is nobody's."""
    assert rate_seconds(expression) == seconds


@pytest.mark.parametrize("arn", [MAPPING["FunctionArn"], MAPPING["FunctionArn"].removesuffix(":live")])
def test_names_in_arns(arn):
    """With an alias or without."""
    assert function_name(arn) == "archive-us-east-1"


def test_work_goes_on_after_it_failed_and_ends_when_told(tmp_path):
    """The log says what failed, by kind only."""
    again = threading.Semaphore(0)

    def do():
        again.release()
        raise ValueError("secret")

    background = Background([Repeated("work", 0.01, do)], tmp_path / "log")
    for _ in range(3):
        assert again.acquire(timeout=5)
    background.stop()
    assert set((tmp_path / "log").read_text().splitlines()) == {"work: ValueError"}

"""Without the fast path every call is botocore's from its first byte, and what comes of it is the same."""

import json
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from chalicelib import config, wiring
from chalicelib.aws import clients
from tests.unit.aws.conftest import Sent, answer

REGION = "eu-central-1"
ITEM = json.dumps({"Item": {"pk": {"S": "a"}, "value": {"B": "eA=="}}}).encode()
REFUSED = json.dumps({"__type": "x#AccessDeniedException", "message": "no"}).encode()
BUSY = json.dumps({"__type": "x#ThrottlingException", "message": "slow down"}).encode()


def outcome(client: Any) -> Any:
    """What a read answers, or the code or kind of what it raises."""
    try:
        return client.get_item(TableName="table", Key={"pk": {"S": "a"}})["Item"]
    except ClientError as error:
        return error.response["Error"]
    except BotoCoreError as error:
        return type(error)


@pytest.mark.parametrize(
    "answers",
    [
        [answer(body=ITEM)],
        [answer(400, REFUSED)],
        [answer(400, BUSY), answer(body=ITEM)],
        [answer(400, BUSY)] * 3,
        [answer(500), answer(body=ITEM)],
        [answer(body=ITEM, x_amz_crc32="1"), answer(body=ITEM)],
        [ReadTimeoutError(endpoint_url="https://aws")] * 3,
    ],
    ids=["found", "refused", "busy once", "busy", "failed once", "broken on the way once", "silent"],
)
def test_what_comes_of_a_call_is_the_same(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, answers: list[Any]
) -> None:
    """Its answer or error, after as many requests; each of them is botocore's, which numbers its tries."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    outcomes = []
    for fast in (True, False):
        client = clients.client("dynamodb", REGION, fast_path=fast)
        sent.clear()
        sent.answers = list(answers)
        outcomes.append((outcome(client), len(sent)))
    assert all("amz-sdk-request" in request.headers for request in sent)
    assert outcomes[0] == outcomes[1] == (outcomes[1][0], len(answers))


def test_nothing_of_ours_listens(sent: Sent) -> None:
    """A client without it is as boto3 makes one."""
    client = clients.client("dynamodb", REGION, fast_path=False)
    handlers = client.meta.events._emitter._handlers.prefix_search("before-send.dynamodb.PutItem")
    assert not [each for each in handlers if each.__module__.startswith("chalicelib")]
    assert "_make_api_call" not in vars(client)


@pytest.mark.parametrize(("word", "fast"), [(None, True), ("on", True), ("off", False)])
def test_the_environment_turns_it_off(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, word: str | None, fast: bool
) -> None:
    """`TOKENVAULT_FAST_PATH=off`; on is the default."""
    monkeypatch.delenv("TOKENVAULT_FAST_PATH", raising=False)
    if word is not None:
        monkeypatch.setenv("TOKENVAULT_FAST_PATH", word)
    wiring.aws_client("kms", REGION).generate_random(NumberOfBytes=1)
    assert ["amz-sdk-request" in request.headers for request in sent] == [not fast]


def test_another_word_is_reported_by_name() -> None:
    """Neither on nor off is a mistake in the configuration; what stands there is not echoed."""
    with pytest.raises(config.ConfigurationError, match="TOKENVAULT_FAST_PATH must be on or off") as caught:
        config.Settings.from_env({"TOKENVAULT_FAST_PATH": "sentinel"})
    assert "sentinel" not in str(caught.value)

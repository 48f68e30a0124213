import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError


def _package():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("app.py", "def reveal(event, context): return event")
    return data.getvalue()


@pytest.fixture
def role(clients):
    return clients("iam").create_role(RoleName="reveal", AssumeRolePolicyDocument="{}")["Role"]["Arn"]


@pytest.fixture
def functions(clients):
    return clients("lambda")


@pytest.fixture
def function(functions, role):
    """The name of a published function with an alias `live`."""
    functions.create_function(
        FunctionName="reveal",
        Role=role,
        Handler="app.reveal",
        Runtime="python3.11",
        Code={"ZipFile": _package()},
        Publish=True,
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"},
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"},
    )
    functions.create_alias(FunctionName="reveal", Name="live", FunctionVersion="1")
    return "reveal"


def test_dead_letters_and_logging_are_kept(functions, function):
    """A function answers with the queue and the logging it was made with, and with changes to them."""
    found = functions.get_function_configuration(FunctionName=function, Qualifier="live")
    assert found["DeadLetterConfig"]["TargetArn"].endswith(":dead")
    assert found["LoggingConfig"] == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    functions.update_function_configuration(FunctionName=function, LoggingConfig={"LogFormat": "Text"})
    changed = functions.get_function_configuration(FunctionName=function)
    assert (changed["LoggingConfig"], changed["DeadLetterConfig"]) == (
        {"LogFormat": "Text"},
        found["DeadLetterConfig"],
    )


def test_an_invocation_is_refused_in_words(functions, function):
    """The emulator starts no container: an invocation answers a function error that says so."""
    answer = functions.invoke(FunctionName=function, Payload=b"{}")
    assert answer["FunctionError"]
    assert json.load(answer["Payload"])["errorType"] == "Emulator.NoRuntime"


def test_provisioned_concurrency_comes_and_goes(functions, function):
    """What is asked for is ready at once, and not found after it was deleted."""
    place = {"FunctionName": function, "Qualifier": "live"}
    functions.put_provisioned_concurrency_config(**place, ProvisionedConcurrentExecutions=2)
    found = functions.get_provisioned_concurrency_config(**place)
    assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    functions.delete_provisioned_concurrency_config(**place)
    with pytest.raises(ClientError, match="ProvisionedConcurrencyConfigNotFoundException"):
        functions.get_provisioned_concurrency_config(**place)


def test_records_wait_on_the_stream_of_a_mapped_table(clients, functions, function):
    """A mapping keeps the alias it was made for, and a write starts nothing and stays on the stream."""
    dynamodb, streams = clients("dynamodb"), clients("dynamodbstreams")
    stream = dynamodb.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    alias = functions.get_alias(FunctionName=function, Name="live")["AliasArn"]
    mapping = functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=alias, StartingPosition="TRIM_HORIZON"
    )
    assert functions.get_event_source_mapping(UUID=mapping["UUID"])["FunctionArn"] == alias
    for name in ("a", "b"):
        dynamodb.put_item(TableName="audit", Item={"pk": {"S": name}})
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 2

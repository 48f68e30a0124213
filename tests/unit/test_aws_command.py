"""What stands in for AWS's command line tool knows AWS's commands, and no others."""

import json

import boto3
import pytest
from moto import mock_aws

from tests.support.aws_command import run


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (["kms", "disable-the-key", "--key-id", "x"], "aws kms has no command disable-the-key"),
        (
            ["kms", "disable-key", "--key-name", "x"],
            "aws kms disable-key has no parameters .'key-name'",
        ),
    ],
)
def test_a_page_names_no_command_that_aws_does_not_have(command: list[str], refused: str) -> None:
    """Neither a command nor a parameter, by the models of AWS's own library."""
    with pytest.raises(SystemExit, match=refused):
        run(command)


@mock_aws
def test_it_prints_as_the_tool_does() -> None:
    """JSON, a part of it by a query, or lines of text; and nothing where there is no answer."""
    key = boto3.client("kms").create_key(Description="one")["KeyMetadata"]["KeyId"]
    described = json.loads(run(["kms", "describe-key", "--key-id", key]))
    assert described["KeyMetadata"]["Description"] == "one"
    assert run(["kms", "list-keys", "--query", "Keys[].KeyId", "--output", "text"]) == f"{key}\n"
    assert run(["kms", "disable-key", "--key-id", key]) == ""
    assert (
        run(["kms", "list-grants", "--key-id", key, "--query", "Grants[].GrantId", "--output", "text"]) == ""
    )

"""Step Functions as Terraform's provider asks it: a definition is looked at before it is deployed."""

import pytest

from tests.support.bulk_machine import definition


@pytest.mark.parametrize(
    ("given", "result"),
    [(definition("bucket"), "OK"), ('{"StartAt": "A", "States": {"A": {"Type": "None"}}}', "FAIL")],
    ids=["the module bulk's", "none"],
)
def test_a_definition_is_looked_at(clients, given, result):
    """What the interpreter cannot read is refused, and says why."""
    looked = clients("stepfunctions").validate_state_machine_definition(definition=given)
    assert looked["result"] == result
    assert bool(looked["diagnostics"]) is (result == "FAIL")


def test_a_machine_has_no_versions(clients):
    """None is published."""
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:bulk"
    assert (
        clients("stepfunctions").list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
        == []
    )

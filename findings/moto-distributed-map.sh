#!/usr/bin/env bash
# An item of a Distributed Map fails, and the execution succeeds: Step Functions would end it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[stepfunctions]==5.2.5' boto3==1.44.5
cd "$work"

AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing ./venv/bin/python - <<'PY'
import importlib.metadata
import json
import logging
import time

import boto3
from moto import mock_aws

logging.disable()  # it writes whole definitions to standard error
PROCESSOR = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}}


def ended(mode):
    """How an execution ends whose map has items that fail."""
    config = {"Mode": mode, "ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {"Mode": mode}
    each = {"Type": "Map", "ItemProcessor": {**PROCESSOR, "ProcessorConfig": config}, "End": True}
    definition = json.dumps({"StartAt": "Each", "States": {"Each": each}})
    role = "arn:aws:iam::123456789012:role/machine"
    made = machines.create_state_machine(name=f"machine-{mode}", definition=definition, roleArn=role)
    begun = machines.start_execution(stateMachineArn=made["stateMachineArn"], name="one", input="[1, 2]")
    while (status := machines.describe_execution(executionArn=begun["executionArn"])["status"]) == "RUNNING":
        time.sleep(0.1)
    return status


print("moto", importlib.metadata.version("moto"))
with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
    machines = boto3.client("stepfunctions", "us-east-1")
    inline, distributed = ended("INLINE"), ended("DISTRIBUTED")
print("INLINE", inline, "DISTRIBUTED", distributed)
# "The default value ... is 0": https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
assert (inline, distributed) == ("FAILED", "SUCCEEDED"), "a failed item ends it now"
PY

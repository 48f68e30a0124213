"""The validator of OpenAPI documents is loaded when there is one to validate, and no sooner."""

import subprocess
import sys

from local.paths import ROOT

PROGRAM = """
import json, sys

from local.emulator import install

install(("apigateway", "apigateway_usage_plans"))
loaded = [("openapi_spec_validator" in sys.modules, "pydantic" in sys.modules)]

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

good = {"openapi": "3.0.1", "info": {"title": "t", "version": "1", "description": "d"}, "paths": {}}
answers = []
with mock_aws():
    gateway = boto3.client("apigateway", region_name="us-east-1")
    for document in (good, {"openapi": "3.0.1"}, good, {"openapi": "3.0.1", "info": 1}):
        try:
            gateway.import_rest_api(failOnWarnings=True, body=json.dumps(document).encode())
            answers.append("made")
        except ClientError as refused:
            answers.append(refused.response["Error"]["Code"])

from openapi_spec_validator import OpenAPIV2SpecValidator

loaded.append(OpenAPIV2SpecValidator.__name__)
print(json.dumps([loaded, answers]))
"""


def test_documents_are_validated_all_the_same() -> None:
    """Without it until the first document; then wrong ones are refused, and others find the real library."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == (
        '[[[false, false], "OpenAPIV2SpecValidator"], '
        '["made", "BadRequestException", "made", "BadRequestException"]]\n'
    ), done.stderr

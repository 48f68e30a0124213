#!/usr/bin/env bash
# A table encrypted with KMS has a key in MiniStack that KMS does not know: no alias/aws/dynamodb, which moto has.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile ministack==1.5.33 moto==5.2.5 cryptography==50.0.2 boto3==1.43.106
cd "$work"

./venv/bin/python - <<'PY'
import os
import socket
import subprocess
import sys
import time

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")


def key_of_a_table(**endpoint: str) -> str:
    """What KMS says of the alias, once a table is encrypted with the key that AWS manages."""
    dynamodb, kms = (boto3.client(service, **endpoint) for service in ("dynamodb", "kms"))
    made = dynamodb.create_table(
        TableName="vault",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )["TableDescription"]
    print("  SSEDescription:", made.get("SSEDescription"))
    try:
        # AWS makes it: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
        return str(kms.describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]["Arn"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
server = subprocess.Popen(
    [sys.executable, "-m", "ministack"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL
)
try:
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.2)
    print("MiniStack 1.5.33:")
    found = key_of_a_table(endpoint_url=f"http://127.0.0.1:{port}")
finally:
    server.terminate()
    server.wait()
print("  alias/aws/dynamodb:", found)
with mock_aws():
    print("moto 5.2.5:")
    by_moto = key_of_a_table()
print("  alias/aws/dynamodb:", by_moto)
assert found == "NotFoundException"
assert by_moto.startswith("arn:aws:kms:")
PY

#!/usr/bin/env bash
# Two emulators of DynamoDB, two answers: moto gives numbers back as they were spelled, dynalite as what they are worth.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[dynamodb]==5.2.5' boto3==1.44.5
cd "$work"

npm install --silent --no-audit --no-fund --prefix . dynalite@4.0.0
./venv/bin/python - <<'PY'
import os
import re
import subprocess

import boto3
import moto

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")
WRITTEN = {"price": "1.10", "account": "007", "limit": "1E+3"}


def read_back(dynamodb):
    dynamodb.create_table(
        TableName="numbers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName="numbers", WaiterConfig={"Delay": 1})
    item = {"id": {"S": "a"}} | {name: {"N": number} for name, number in WRITTEN.items()}
    dynamodb.put_item(TableName="numbers", Item=item)
    found = dynamodb.get_item(TableName="numbers", Key={"id": {"S": "a"}})["Item"]
    return {name: found[name]["N"] for name in WRITTEN}


with moto.mock_aws():
    by_moto = read_back(boto3.client("dynamodb"))
command = ["node", "-e", """
const server = require('dynalite')({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
"""]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
    try:
        port = re.search("[0-9]+", server.stdout.readline())[0]
        by_dynalite = read_back(boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}"))
    finally:
        server.terminate()
print(f"written: {WRITTEN}")
print(f"moto {moto.__version__}: {by_moto}")
print(f"dynalite 4.0.0: {by_dynalite}")
assert by_moto == WRITTEN, "moto normalises numbers now"
assert by_dynalite == {"price": "1.1", "account": "7", "limit": "1000"}
PY

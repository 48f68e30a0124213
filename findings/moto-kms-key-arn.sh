#!/usr/bin/env bash
# KMS takes a key's id or its ARN everywhere. In moto some operations take both, and four of them the id alone.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html (KeyId)
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[kms]==5.2.5' boto3==1.44.5

"$work/venv/bin/python" - <<'PY'
import os

import boto3
import moto

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")
OPERATIONS = (
    "describe_key", "list_grants", "enable_key_rotation", "get_key_rotation_status",
    "disable_key", "enable_key", "schedule_key_deletion", "cancel_key_deletion",
)  # fmt: skip


def outcome(operation, key):
    try:
        operation(KeyId=key)
    except KeyError as error:
        return type(error).__name__
    return "ok"


with moto.mock_aws():
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]
    by_arn = {name: outcome(getattr(kms, name), key["Arn"]) for name in OPERATIONS}
    by_id = {name: outcome(getattr(kms, name), key["KeyId"]) for name in OPERATIONS}
print(f"moto {moto.__version__}, by ARN: {by_arn}")
assert set(by_id.values()) == {"ok"}
assert [name for name, said in by_arn.items() if said == "ok"] == list(OPERATIONS[:4]), "moto looks ARNs up now"
PY

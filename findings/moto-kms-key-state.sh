#!/usr/bin/env bash
# moto's KMS goes on with a key that is disabled or pending deletion, and encrypts with one that is made for MACs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[kms]==5.2.5' boto3==1.44.5
cd "$work"

AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing ./venv/bin/python - <<'PY'
import importlib.metadata

import boto3
from moto import mock_aws

# AWS: DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table
print("moto", importlib.metadata.version("moto"))
with mock_aws():
    kms = boto3.client("kms", "us-east-1")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"a record's key")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    print(state, kms.decrypt(CiphertextBlob=sealed)["Plaintext"])
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    ending = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    print(ending, kms.decrypt(CiphertextBlob=sealed)["Plaintext"])
    mac_key = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")["KeyMetadata"]
    encrypted = kms.encrypt(KeyId=mac_key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    print(mac_key["KeyUsage"], "encrypts", len(encrypted), "bytes")
assert (state, ending) == ("Disabled", "PendingDeletion")
PY

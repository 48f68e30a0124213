#!/usr/bin/env bash
# Of a signature that is not of this message, kms:Verify answers SignatureValid false. AWS ends the call in an error.
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

print("moto", importlib.metadata.version("moto"))
with mock_aws():
    kms = boto3.client("kms", "us-east-1")
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    how = {"KeyId": key, "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(Message=b"ten", **how)["Signature"]
    for message in (b"ten", b"eleven"):
        answer = kms.verify(Message=message, Signature=signature, **how)
        print(message, "SignatureValid", answer["SignatureValid"])
# AWS answers true or ends the call: https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
assert answer["SignatureValid"] is False, "it answers as AWS does now"
PY

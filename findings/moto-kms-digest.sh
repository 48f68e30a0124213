#!/usr/bin/env bash
# moto's KMS hashes what is handed over as a DIGEST once more: no verifier of the digest accepts the signature.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[kms]==5.2.5' boto3==1.44.5 cryptography==50.0.2
cd "$work"

./venv/bin/python - <<'PY'
import hashlib
import os

import boto3
import moto
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")
MESSAGE = b"a receipt"
DIGEST = hashlib.sha256(MESSAGE).digest()
SHA256 = ec.ECDSA(hashes.SHA256())
AS_GIVEN = ec.ECDSA(utils.Prehashed(hashes.SHA256()))


def verifies(signature, data, algorithm):
    try:
        public.verify(signature, data, algorithm)
    except InvalidSignature:
        return False
    return True


with moto.mock_aws():
    kms = boto3.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])

    def sign(message, kind):
        arguments = {"KeyId": key, "Message": message, "MessageType": kind, "SigningAlgorithm": "ECDSA_SHA_256"}
        return kms.sign(**arguments)["Signature"]

    raw, digest = sign(MESSAGE, "RAW"), sign(DIGEST, "DIGEST")

print(f"moto {moto.__version__}")
print("RAW: a signature of the message:", verifies(raw, MESSAGE, SHA256))
print("DIGEST: a signature of the message:", verifies(digest, DIGEST, AS_GIVEN))
print("DIGEST: a signature of the digest's digest:", verifies(digest, DIGEST, SHA256))
assert verifies(raw, MESSAGE, SHA256)
assert not verifies(digest, DIGEST, AS_GIVEN), "moto signs digests as they are now"
assert verifies(digest, DIGEST, SHA256)
PY

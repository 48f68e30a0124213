#!/usr/bin/env bash
# KMS of MiniStack decrypts with whichever key is named: under another key than the ciphertext's it answers noise.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile ministack==1.5.33 cryptography==50.0.2 boto3==1.43.106
cd "$work"

./venv/bin/python - <<'PY'
import os
import socket
import subprocess
import sys
import time

import boto3

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")
server = subprocess.Popen(
    [sys.executable, "-m", "ministack"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL
)
try:
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.2)
    kms = boto3.client("kms", endpoint_url=f"http://127.0.0.1:{port}")
    its_key, another = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    plain = b"fourteen bytes"
    sealed = kms.encrypt(KeyId=its_key, Plaintext=plain)["CiphertextBlob"]
    right = kms.decrypt(KeyId=its_key, CiphertextBlob=sealed)["Plaintext"]
    # AWS: IncorrectKeyException, https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    wrong = kms.decrypt(KeyId=another, CiphertextBlob=sealed)["Plaintext"]
finally:
    server.terminate()
    server.wait()
print(f"its own key: {right}")
print(f"another key: {wrong}")
assert right == plain
assert wrong != plain
PY

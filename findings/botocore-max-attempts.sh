#!/usr/bin/env bash
# max_attempts of 2 sends three requests when set in code and two when set as AWS_MAX_ATTEMPTS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile botocore==1.44.8
cd "$work"

./venv/bin/python - <<'PY'
import os

import botocore
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")


class Answer:
    def stream(self, *_args, **_kwargs):
        yield b"{}"


def requests_sent(**retries):
    sent = []

    def answer(request, **_):
        sent.append(request)
        return AWSResponse("", 500, {}, Answer())

    client = botocore.session.Session().create_client("kms", config=Config(retries=retries))
    client.meta.events.register("before-send.*", answer)
    try:
        client.list_keys()
    except client.exceptions.ClientError:
        return len(sent)


counted = {
    "max_attempts=2 in code": requests_sent(mode="standard", max_attempts=2),
    "total_max_attempts=2 in code": requests_sent(mode="standard", total_max_attempts=2),
}
os.environ["AWS_MAX_ATTEMPTS"] = "2"
counted["AWS_MAX_ATTEMPTS=2"] = requests_sent(mode="standard")
for setting, count in counted.items():
    print(f"botocore {botocore.__version__}, {setting}: {count} requests")
assert list(counted.values()) == [3, 2, 2]
PY

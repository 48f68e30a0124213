#!/usr/bin/env bash
# botocore's HTTPClientError covers a connection that breaks, not one that is refused; neither is Python's ConnectionError.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile botocore==1.44.8
cd "$work"

./venv/bin/python - <<'PY'
import os
import socket
import threading

import botocore
import botocore.session
from botocore import exceptions
from botocore.config import Config

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-central-1")


def failure(port):
    client = botocore.session.Session().create_client(
        "dynamodb", endpoint_url=f"http://127.0.0.1:{port}", config=Config(retries={"total_max_attempts": 1})
    )
    try:
        client.list_tables()
    except exceptions.BotoCoreError as error:
        return error
    raise SystemExit("somebody answered")


with socket.create_server(("127.0.0.1", 0)) as server:
    port = server.getsockname()[1]
    # Reads the request, and hangs up.
    threading.Thread(target=lambda: [server.accept()[0].recv(65536)], daemon=True).start()
    broken = failure(port)
refused = failure(port)
for what, error in (("hung up", broken), ("refused", refused)):
    print(f"botocore {botocore.__version__}, {what}: {type(error).__name__}; HTTPClientError "
          f"{isinstance(error, exceptions.HTTPClientError)}, botocore's ConnectionError "
          f"{isinstance(error, exceptions.ConnectionError)}, Python's {isinstance(error, ConnectionError)}")
assert isinstance(broken, exceptions.HTTPClientError) and not isinstance(broken, exceptions.ConnectionError)
assert isinstance(refused, exceptions.ConnectionError) and not isinstance(refused, exceptions.HTTPClientError)
assert not isinstance(broken, OSError) and not isinstance(refused, OSError)
PY

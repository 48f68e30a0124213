"""Both credentials of a client are replaced on a stack that is up, while the client goes on calling."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.caller import TokenRefusedError, access_token
from local.stack import VARIABLES
from tests.client import tool
from tests.infrastructure.state import planned
from tests.support.running import Running

LOCAL = Path(__file__).resolve().parents[2] / "terraform" / VARIABLES
BODY = {"items": [{"type": "text", "value": "of the teller"}]}


def variables(folder: Path, *api_keys: str) -> str:
    """A file with the usual variables and one more client, which has these API keys."""
    client = f'{{ actions = ["tokenize"], types = ["*"], api_keys = {json.dumps(api_keys)} }}'
    tenant = f"tenants = {{\n  bank = {{ clients = {{ teller = {client} }} }}\n"
    file = folder / f"{'-'.join(api_keys)}.tfvars"
    file.write_text(LOCAL.read_text().replace("tenants = {\n", tenant))
    return str(file)


def answered(running: Running, credentials: Mapping[str, Any]) -> int | str:
    """How one tokenize with a new access token ends: its status, or why there was no access token."""
    try:
        token = access_token(running.stack.token_url, credentials, ["vault/tokenize"])
    except TokenRefusedError as refused:
        return str(refused)
    return running.raw("POST", "/v1/tokenize", token, credentials["api_key"], BODY).status


@contextmanager
def calling(running: Running, credentials: Mapping[str, Any]) -> Iterator[list[int | str]]:
    """Calls a few times a second with what `credentials` hold at that time; how each ended."""
    ends: list[int | str] = []
    over = threading.Event()

    def call() -> None:
        while not over.wait(0.3):
            ends.append(answered(running, credentials))

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield ends
    finally:
        over.set()
        thread.join()


def client_secret(running: Running, command: str, *options: str) -> tool.Ended:
    """`tokenvault client-secret` on the one more client."""
    outputs = running.stack.outputs
    named = ("--user-pool", outputs["user_pool_id"], "--client-id", outputs["client_ids"]["bank/teller"])
    ended = tool.run(running.stack.account.environment, "client-secret", command, *named, *options)
    assert ended.code == 0, ended
    return ended


def test_credentials_are_replaced_while_the_client_goes_on(running: Running, tmp_path: Path) -> None:
    """Not one call fails; what was retired is refused; and Terraform has nothing to put back."""
    one, two, other = (variables(tmp_path, *keys) for keys in (("a",), ("a", "b"), ("b",)))
    try:
        running.stack.change(one)
        old, used = running.client("teller"), dict(running.client("teller"))
        assert answered(running, old) == 200
        with calling(running, used) as ends:
            client_secret(running, "add", "--out", str(tmp_path / "secret"))
            used["client_secret"] = (tmp_path / "secret").read_text().strip()
            older, _ = client_secret(running, "list", "--json").objects
            assert answered(running, old) == answered(running, used) == 200
            client_secret(running, "retire", "--secret-id", older["id"], "--yes")
            assert planned(running.stack.terraform, one) == {}

            running.stack.change(two)
            used["api_key"] = running.client("teller")["api_key"]
            running.stack.change(other)
            time.sleep(2)
        assert (set(ends), len(ends) > 20) == ({200}, True)
        assert answered(running, old) == "invalid_client"
        assert answered(running, used | {"api_key": old["api_key"]}) == 403
        shown = running.client("teller")
        assert {name: shown[name] for name in ("client_secret", "api_key", "client_id")} == {
            name: used[name] for name in ("client_secret", "api_key", "client_id")
        }
        assert planned(running.stack.terraform, other) == {}
    finally:
        running.stack.change(VARIABLES)

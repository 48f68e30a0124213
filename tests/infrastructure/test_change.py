"""Other variables for a stack that is up."""

from pathlib import Path

from local.stack import VARIABLES
from tests.support.running import Running

LOCAL = Path(__file__).resolve().parents[2] / "terraform" / VARIABLES


def test_a_change_keeps_data_and_clients(running: Running, tmp_path: Path) -> None:
    """A new tenant gets its keys at once; tokens of before open, with the credentials of before."""
    token = running.tokenize({"type": "text", "value": "made before"}).body["results"][0]["token"]
    before = running.client("checkout")
    more = tmp_path / "more.tfvars"
    tenant = 'tenants = {\n  bank = { clients = { teller = { actions = ["tokenize"], types = ["*"] } } }\n'
    more.write_text(LOCAL.read_text().replace("tenants = {\n", tenant))
    try:
        running.stack.change(str(more))
        assert running.client("checkout") == before
        assert running.detokenize(token).body["results"][0]["value"] == "made before"
        body = {"items": [{"type": "text", "value": "of the new tenant"}]}
        assert running.call("POST", "/v1/tokenize", "teller", ["vault/tokenize"], body).status == 200
    finally:
        running.stack.change(VARIABLES)
    assert {client["name"] for client in running.stack.clients} == {
        "checkout",
        "settlement",
        "support",
        "privacy",
        "intake",
    }

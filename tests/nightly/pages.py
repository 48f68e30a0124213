"""Origins whose pages may read answers, applied in place to a stack that is up."""

import json
from pathlib import Path
from typing import Any

import requests

from local.stack import VARIABLES
from tests.infrastructure import state
from tests.support.running import Running

LOCAL = Path(__file__).resolve().parents[2] / "terraform" / VARIABLES
SHOP, OFFICE = "https://shop.example", "http://localhost:3000"
MORE = f'\nallowed_origins = ["{SHOP}", "{OFFICE}"]\nfirewall = {{}}\n'
RESPONSES = "x-amazon-apigateway-gateway-responses"


def applied(running: Running) -> Any:
    """The document that was imported."""
    shown = json.loads(running.stack.terraform.run("show", "-json", interactive=False))
    resources = list(state.resources(shown["values"]["root_module"]))
    return json.loads(state.named(resources, "aws_api_gateway_rest_api")["rest_api"]["body"])


def preflight(running: Running, origin: str) -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return requests.options(f"{running.stack.places.url}/v1/tokenize", headers=asked, timeout=30)


def test_origins_are_applied_in_place(running: Running, tmp_path: Path) -> None:
    """API Gateway gets the document that the local gateway acts out; a second plan is empty, and origins go
    again without a trace."""
    assert preflight(running, SHOP).status_code == 404
    before = applied(running)
    variables = tmp_path / "pages.tfvars"
    variables.write_text(LOCAL.read_text().replace("firewall                 = null\n", "") + MORE)
    try:
        running.stack.change(str(variables))
        imported, acted_out = applied(running), running.stack.api.imported
        assert imported[RESPONSES] == acted_out[RESPONSES]
        for path, methods in acted_out["paths"].items():
            assert imported["paths"][path]["options"] == methods["options"]
        assert imported["paths"]["/v1/health"] == acted_out["paths"]["/v1/health"]
        running.stack.terraform.run("plan", "-detailed-exitcode", f"-var-file={variables}")

        allowed, other = preflight(running, OFFICE), preflight(running, f"{SHOP}.evil.org")
        assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, OFFICE)
        assert (other.status_code, other.headers["Access-Control-Allow-Origin"]) == (403, SHOP)
        gateway = running.stack.account.client("apigateway")
        found = gateway.get_gateway_response(
            restApiId=running.stack.outputs["api_id"], responseType="THROTTLED"
        )
        named = found["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert named == "method.request.header.Origin"
    finally:
        running.stack.change(VARIABLES)
    assert applied(running) == before
    assert preflight(running, SHOP).status_code == 404

"""Version 1 beyond the round trip, over HTTP on the infrastructure that our Terraform applied."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from local.caller import send
from tests.support.running import Running

MEMBER = {"type": "member_card", "value": "5555 5555 5555 4444"}
SEARCH = "POST", "/v1/search", "privacy", ["vault/search"]
ERASE = "privacy", ["vault/erase"]


def only(answer: Any) -> Any:
    """The one result of an answer."""
    assert answer.status == 200, answer
    [result] = answer.body["results"]
    return result


def test_a_deterministic_value_has_one_token_and_is_found_by_it(running: Running) -> None:
    """Spelled differently, tokenized twice, searched for: one token; an unknown value has none."""
    token = only(running.tokenize(MEMBER))["token"]
    again = {**MEMBER, "value": "5555-5555-5555-4444"}
    assert only(running.tokenize(again))["token"] == token
    assert only(running.call(*SEARCH, {"items": [again]}))["token"] == token
    unknown = {**MEMBER, "value": "4000000000000002"}
    assert only(running.call(*SEARCH, {"items": [unknown]}))["error"]["code"] == "token_not_found"


def test_an_erased_token_is_gone_for_every_reader(running: Running) -> None:
    """204 however often; then it looks like a token that never was."""
    token = only(running.tokenize({"type": "text", "value": "to be erased"}))["token"]
    for _ in range(2):
        assert running.call("DELETE", f"/v1/tokens/{token}", *ERASE).status == 204
    assert only(running.detokenize(token))["error"]["code"] == "token_not_found"
    assert running.call("GET", f"/v1/tokens/{token}", "checkout", ["vault/read"]).status == 404


def test_an_erased_person_is_closed_and_the_receipt_verifies(running: Running) -> None:
    """Every record of the person closes at once; the receipt is signed by the vault's receipt key."""
    items = [{"type": kind, "value": MEMBER["value"], "subject": "u-17"} for kind in ("member_card", "note")]
    tokens = [result["token"] for result in running.tokenize(*items).body["results"]]
    answer = running.call("DELETE", "/v1/subjects/u-17", *ERASE)
    assert answer.body["receipt"]["tokens_closed"] == 2
    assert verified(running, answer.body["jws"]) == answer.body["receipt"]
    codes = [result["error"]["code"] for result in running.detokenize(*tokens).body["results"]]
    assert codes == ["token_not_found"] * 2
    assert only(running.tokenize(items[0]))["error"]["code"] == "subject_erased"


def test_a_request_sent_again_gets_the_same_tokens(running: Running) -> None:
    """Under its Idempotency-Key; another body under that key is a conflict."""
    body = {"items": [{"type": "card_number", "value": "4111111111111111"}, {"type": "text", "value": "x"}]}
    first, second = (sent(running, body) for _ in range(2))
    assert first.body == second.body
    conflict = sent(running, {"items": body["items"][:1]})
    assert (conflict.status, conflict.body["code"]) == (409, "idempotency_conflict")


def test_metadata_and_time_limits_come_back_as_facts(running: Running) -> None:
    """What was given along with a value is told with the token's facts."""
    item = {"type": "text", "value": "x", "ttl_seconds": 60, "metadata": {"order": "A-7"}}
    token = only(running.tokenize(item))["token"]
    facts = running.call("GET", f"/v1/tokens/{token}", "checkout", ["vault/read"]).body
    assert facts["metadata"] == {"order": "A-7"}
    assert facts["expires_at"] is not None


def sent(running: Running, body: Any) -> Any:
    """A tokenize request under one Idempotency-Key."""
    headers = {
        "Authorization": f"Bearer {running.access_token('checkout', ['vault/tokenize'])}",
        "x-api-key": running.client("checkout")["api_key"],
        "Content-Type": "application/json",
        "Idempotency-Key": "integration-test-key-0001",
    }
    return send("POST", f"{running.stack.places.url}/v1/tokenize", headers, json.dumps(body).encode())


def verified(running: Running, jws: str) -> Any:
    """What a receipt says, once its signature holds under the public half that KMS gives out."""
    head, claims, signature = jws.split(".")
    kms = running.stack.account.client("kms")
    public = load_der_public_key(kms.get_public_key(KeyId=json.loads(decoded(head))["kid"])["PublicKey"])
    assert isinstance(public, EllipticCurvePublicKey)
    raw = decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ECDSA(SHA256()))
    return json.loads(decoded(claims))


def decoded(text: str) -> bytes:
    """Base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

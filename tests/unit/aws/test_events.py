"""What botocore does at the events that the fast path leaves out; an upgrade cannot add to it unseen."""

from typing import Any

import aws_lambda_powertools  # noqa: F401  # as the functions do; it registers with every session
import pytest

from chalicelib.aws import clients
from tests.unit.aws.conftest import Sent

# Why none of these is missed stands in `docs/adr/0006-speed.md`.
HANDLERS = {
    "provide-client-params": set(),
    "before-parameter-build": {
        "generate_idempotent_uuid",
        "_handle_request_validation_mode_member",
        "block_endpoint_discovery_required_operations",
    },
    "before-endpoint-resolution": set(),
    "before-call": {
        "add_recursion_detection_header",
        "inject_api_version_header_if_needed",
        "FastPath.before_call",
    },
    "request-created": {
        "RequestSigner.handler",
        "MaxAttemptsSeeder.seed_max_attempts",
        "UserAgentString.rebuild_and_replace_user_agent_handler",
        "add_retry_headers",
        "_create_feature_function.<locals>.add_powertools_feature",
    },
    "choose-signer": {"set_operation_specific_signer", "_set_auth_scheme_preference_signer"},
    "before-sign": set(),
    "before-send": {"FastPath.before_send"},
    "response-received": set(),
    "before-parse": set(),
    "needs-retry": {"RetryHandler.needs_retry", "GoodAnswers.needs_retry"},
    "after-call": {"RetryQuotaChecker.release_retry_quota"},
    "after-call-error": set(),
}


@pytest.mark.parametrize("event", HANDLERS)
@pytest.mark.parametrize("service", ["dynamodb", "kms"])
def test_only_known_handlers_listen(sent: Sent, service: str, event: str) -> None:
    """All of DynamoDB's; KMS has no endpoint discovery."""
    client = clients.client(service, "eu-central-1", fast_path=True)
    known = HANDLERS[event]
    if service == "kms":
        known = known - {"block_endpoint_discovery_required_operations"}
    for operation in client.meta.service_model.operation_names:
        assert names(client, f"{event}.{service}.{operation}") == known


def names(client: Any, event: str) -> set[str]:
    """All of a container; the emulator that other tests load into this process listens, too."""
    handlers = client.meta.events._emitter._handlers.prefix_search(event)
    return {each.__qualname__ for each in handlers if not each.__module__.startswith("moto.")}


@pytest.mark.parametrize("service", ["dynamodb", "kms"])
def test_what_such_handlers_are_for_is_not_in_these_services(sent: Sent, service: str) -> None:
    """No operation requires endpoint discovery, checksums, compression or another signature."""
    model = clients.client(service, "eu-central-1", fast_path=True).meta.service_model
    assert (model.signature_version, model.metadata["auth"]) == ("v4", ["aws.auth#sigv4"])
    for operation in map(model.operation_model, model.operation_names):
        assert not (operation.endpoint_discovery or {}).get("required")
        assert not operation.http_checksum
        assert not operation.request_compression
        assert not operation.auth

"""The pipeline's policies are what the generator makes of the recorded calls, and leave nothing out."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from terraform.deployer import actions, besides, generate, scopes
from terraform.deployer.record import collected, made

ROOT = Path(__file__).resolve().parents[2]
CALLS = json.loads((ROOT / "terraform/deployer/calls.json").read_text())
POLICIES = {path.name: path.read_text() for path in generate.POLICIES.glob("*.json")}

LOG = """\
2026-11-27T10:00:00.000Z [DEBUG] provider.x: HTTP Request Sent: rpc.method=Sent rpc.service=SNS
2026-11-27T10:00:00.100Z [DEBUG] provider.x: HTTP Response Received: rpc.service=SNS http.response.body=
  | <a>
  tf_rpc=ApplyResourceChange tf_resource_type=aws_sns_topic rpc.method=CreateTopic
2026-11-27T10:00:00.200Z [DEBUG] provider.x: HTTP Response Received: tf_data_source_type=aws_x rpc.method=Look rpc.service="CloudWatch Logs" tf_rpc=ReadDataSource
2026-11-27T10:00:00.300Z [DEBUG] provider.x: HTTP Response Received: rpc.method=GetCallerIdentity rpc.service=STS tf_rpc=ConfigureProvider
"""  # noqa: E501  # as the provider writes it


def test_the_committed_policies_are_the_generated_ones() -> None:
    """`make deployer` would change nothing."""
    assert generate.generated() == POLICIES


def test_the_log_of_the_provider_is_read() -> None:
    """Answers count, over several lines too; what belongs to no resource does not."""
    assert collected(made(LOG.splitlines(keepends=True))) == {
        "aws_sns_topic": {"write": ["SNS:CreateTopic"]},
        "data.aws_x": {"read": ["CloudWatch Logs:Look"]},
    }


def test_every_type_of_the_modules_was_recorded() -> None:
    """What the stack's configuration makes or looks up is covered, unless the production example leaves it
    out or the provider knows it by itself."""
    configured = {
        kind if block == "resource" else f"data.{kind}"
        for path in [*(ROOT / "terraform").glob("*.tf"), *(ROOT / "terraform/modules").glob("*/*.tf")]
        for block, kind in re.findall(r'^(resource|data) "(aws_\w+)"', path.read_text(), re.MULTILINE)
    }
    left_out = {
        "aws_api_gateway_account",
        "aws_route53_health_check",
        "aws_route53_record",
    }
    assert configured - set(CALLS) == left_out | {"data.aws_partition", "data.aws_region"}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, text in POLICIES.items():
        yield from ((name, statement) for statement in json.loads(text)["Statement"])


def test_each_call_has_its_action() -> None:
    """Every recorded call, and what AWS checks besides, is in a policy of the role that makes it."""
    allowed = {
        role: {acted for name, s in statements() if name.startswith(role) for acted in s["Action"]}
        for role in ("plan", "apply")
    }
    for kind, phases in CALLS.items():
        reading = {actions.action(call) for call in phases.get("read", [])} - {None}
        writing = {actions.action(call) for call in phases.get("write", [])} - {None}
        writing |= {acted for need in besides.BESIDES.get(kind, ()) for acted in need.actions}
        assert reading <= allowed["plan"], kind
        assert writing <= allowed["apply"] | allowed["plan"], kind


def test_a_plan_changes_nothing() -> None:
    """The planning role's actions read, one and all."""
    reading = re.compile(r"\w[\w-]*:(Get|List|Describe)\w*|apigateway:GET|kms:Decrypt|states:Validate\w+")
    acting = {acted for name, s in statements() if name.startswith("plan") for acted in s["Action"]}
    assert {acted for acted in acting if not reading.fullmatch(acted)} == set()


def test_no_action_has_a_star_and_no_resource_one_without_a_reason() -> None:
    """Actions are named one by one; where `*` or all of a kind is a resource, the scope says why."""
    for _, statement in statements():
        assert not any("*" in acted for acted in statement["Action"])
    for name, scope in scopes.SCOPES.items():
        wide = any(resource == "*" or "${name}" not in resource for resource in scope.resources)
        assert not wide or scope.condition or scope.why or name in ("log_groups", "web_acls"), name


def test_a_type_without_calls_is_refused() -> None:
    """A plan with a type that nothing was recorded of gets no policy that would fail half way."""
    with pytest.raises(LookupError, match="aws_new"):
        generate.planned(CALLS, ["aws_new"])


def test_an_action_without_a_scope_is_refused() -> None:
    """A service that no rule knows is not let through as a whole."""
    with pytest.raises(LookupError, match="sqs:SendMessage"):
        scopes.scopes_of("sqs:SendMessage")


def test_policies_fit_into_iam() -> None:
    """No policy is longer than IAM takes, with the longest name, and the applying role may have them all."""
    assert max(generate.length(json.loads(text)) for text in POLICIES.values()) <= 6144
    assert len(POLICIES) < 10


def test_each_need_names_its_page_and_a_type_that_there_is() -> None:
    """What was not recorded is looked up: each stands there with AWS's page, for a type of the stack."""
    assert set(besides.BESIDES) <= set(CALLS)
    for needs in [*besides.BESIDES.values(), *besides.READING.values()]:
        assert all(need.page.startswith("https://docs.aws.amazon.com/") for need in needs)


def test_rules_are_all_of_use() -> None:
    """A rule that no action meets, or that an earlier one always takes first, is no rule."""
    acting = {acted for _, s in statements() for acted in s["Action"]}
    met = {next(pattern for pattern, _ in scopes.RULES if fnmatchcase(acted, pattern)) for acted in acting}
    unused = {pattern for pattern, _ in scopes.RULES} - met
    assert unused <= {"cloudtrail:*"}

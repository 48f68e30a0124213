"""IAM decided by somebody else's evaluator over the applied policies: what is needed is allowed, what is
forbidden is denied, each by the statement that is meant, and a planted fault shows."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from terraform.deployer.actions import action
from terraform.deployer.generate import planned
from tests.infrastructure.iam import functions, pipeline
from tests.infrastructure.iam.forbidden import Forbidden, Roles, Table
from tests.infrastructure.iam.policies import Account, role
from tests.infrastructure.iam.simulator import Decision, Policies, Request, Simulator, installed
from tests.infrastructure.production.example import ADMINISTRATORS, REGION, ProductionExample
from tests.support.continuous_integration import cannot_run
from tests.support.leaks_page import steps

ROOT = Path(__file__).resolve().parents[2]
CALLS = json.loads((ROOT / "terraform/deployer/calls.json").read_text())


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    """The evaluator. Without Node.js it cannot run, which CI must not pass over."""
    found = installed(ROOT / ".local" / "iam")
    if found is None:
        cannot_run("no Node.js 20 or later with npm here: `make iam` needs it, and CI has it")
    return found


@pytest.fixture(scope="module")
def account(production: ProductionExample) -> Account:
    """All policies of the account."""
    return Account([production.bootstrap, production.found])


@pytest.fixture(scope="module")
def stack(production: ProductionExample) -> functions.Stack:
    """Names and ARNs, as the functions' requests need them."""
    example = production.found
    keys = {name: key["arn"] for name, key in example.named("aws_kms_key", "this").items()}
    keys |= {name: example.one("aws_kms_key", name)["arn"] for name in ("archive", "logs")}
    keys["state"] = production.bootstrap.one("aws_kms_key", "state")["arn"]
    tables = example.named("aws_dynamodb_table", "this")
    return functions.Stack(
        region=REGION,
        vault_id="acme-payments",
        tables={name: table["arn"] for name, table in tables.items()},
        keys=keys,
        log_groups={
            name: group["arn"] for name, group in example.named("aws_cloudwatch_log_group", "this").items()
        },
        network=example.named("aws_vpc_endpoint", "gateway")["dynamodb"]["id"],
        stream=tables["audit"]["stream_arn"],
        archive=example.one("aws_s3_bucket", "archive")["arn"],
        state=production.bootstrap.one("aws_s3_bucket", "state")["arn"],
    )


@pytest.fixture(scope="module")
def roles(production: ProductionExample) -> Roles:
    """All roles, the stack's and others."""
    pipelines = production.bootstrap.named("aws_iam_role", "pipeline")
    serving = {name: made["arn"] for name, made in production.found.named("aws_iam_role", "this").items()}
    return Roles(
        **serving,
        archive=production.found.one("aws_iam_role", "archive")["arn"],
        reader=production.found.one("aws_iam_role", "reader")["arn"],
        administrator=ADMINISTRATORS[0],
        outsider=role("acme-administrator"),
        **{name: made["arn"] for name, made in pipelines.items()},
    )


@pytest.fixture(scope="module")
def forbidden(stack: functions.Stack, roles: Roles) -> list[Forbidden]:
    """The table of what is forbidden."""
    return Table(stack, roles).rows()


@pytest.fixture(scope="module")
def needed(production: ProductionExample, stack: functions.Stack, roles: Roles) -> dict[str, list[Request]]:
    """What each role asks for."""
    of_pipeline = pipeline.Stack(production.found, REGION)
    found = {name: functions.requests(stack, name, getattr(roles, name)) for name in functions.CALLING}
    found["archive"] = functions.archiving(stack, roles.archive)
    found["plan"] = list(_of_provider(of_pipeline, roles.plan, ("read",))) + pipeline.besides_planning(
        stack, roles.plan
    )
    found["apply"] = list(_of_provider(of_pipeline, roles.apply, ("write",)))
    found["apply"] += pipeline.besides_applying(stack, roles.apply, roles.tokenize)
    return found


def _of_provider(stack: pipeline.Stack, who: str, phases: tuple[str, ...]) -> Iterator[Request]:
    for kind, calls in CALLS.items():
        wanted = {action(call) for phase in phases for call in calls.get(phase, [])} - {None}
        for needed_action in sorted(filter(None, wanted)):
            yield from stack.requests(who, kind, needed_action)


SERVING = ("tokenize", "reveal", "maintain", "archive")


def decide(
    simulator: Simulator, account: Account, asked: list[Request], *, in_the_vpc: bool = False
) -> list[tuple[Request, Decision]]:
    """Each request with its decision."""
    policies = [(request, account.bearing_on(request, in_the_vpc=in_the_vpc)) for request in asked]
    return list(zip(asked, simulator.decide(policies), strict=True))


@pytest.mark.parametrize("who", [*SERVING, "plan", "apply"])
def test_what_a_role_needs_is_allowed(
    simulator: Simulator, account: Account, needed: dict[str, list[Request]], who: str
) -> None:
    """Each recorded call is allowed by a statement, through the VPC's endpoints where there are any."""
    decided = decide(simulator, account, needed[who], in_the_vpc=who in SERVING)
    assert [f"{asked}: {found.by}" for asked, found in decided if not found.allowed] == []
    assert all(found.by for _, found in decided)
    assert len(decided) >= {"archive": 7}.get(who, 15)


def test_what_is_forbidden_is_denied(
    simulator: Simulator, account: Account, forbidden: list[Forbidden]
) -> None:
    """Each row of the table is denied, and by the statement that is meant."""
    decided = decide(simulator, account, [row.request for row in forbidden])
    wrong = [
        f"{asked}: {found}, not {row.by or 'left out'}"
        for row, (asked, found) in zip(forbidden, decided, strict=True)
        if found.allowed or (row.by not in found.by if row.by else found.by)
    ]
    assert wrong == []
    assert len(forbidden) >= 150


def _without(policies: Policies, *named: str) -> Policies:
    """The same without statements of the resource's policy, named as decisions name them."""
    sids = {name.removeprefix("resource: ") for name in named}
    resource = copy.deepcopy(policies.resource)
    resource["Statement"] = [
        statement for statement in resource["Statement"] if statement.get("Sid") not in sids
    ]
    return Policies(policies.identity, resource, policies.endpoint)


def _with(policies: Policies, statement: dict[str, Any]) -> Policies:
    """The same with one statement more in the resource's policy."""
    resource = copy.deepcopy(policies.resource)
    resource["Statement"].append(statement)
    return Policies(policies.identity, resource, policies.endpoint)


def test_what_allows_a_function_to_use_a_key_is_needed(
    simulator: Simulator, account: Account, needed: dict[str, list[Request]]
) -> None:
    """Take the statements of a key's policy away that allow a function's call, and the call is denied."""
    asked = [
        request
        for who in SERVING
        for request in needed[who]
        if request.resource in account.resource and request.action.startswith("kms:")
    ]
    decided = decide(simulator, account, asked)
    planted = [(request, _without(account.bearing_on(request), *found.by)) for request, found in decided]
    assert len(planted) >= 20
    again = simulator.decide(planted)
    assert [str(request) for (request, _), found in zip(planted, again, strict=True) if found.allowed] == []


def test_each_statement_of_the_planning_role_is_needed(
    simulator: Simulator, account: Account, needed: dict[str, list[Request]]
) -> None:
    """Take a statement of its policies away, and a call that a plan makes is denied."""
    first = {by: request for request, found in decide(simulator, account, needed["plan"]) for by in found.by}
    sids = {by: by.removeprefix("identity: ") for by in first if by.startswith("identity: ")}
    planted = [
        (
            first[by],
            Policies(
                _lacking(account.identity(first[by].principal), sid), account.bearing_on(first[by]).resource
            ),
        )
        for by, sid in sids.items()
    ]
    assert len(planted) >= 20
    again = simulator.decide(planted)
    assert [str(request) for (request, _), found in zip(planted, again, strict=True) if found.allowed] == []


def revoking(since: str) -> Any:
    """The policy of `docs/leaks.md` that denies a role the sessions from before a time."""
    [command] = steps()["Revoke a role's sessions"].blocks
    document = command.partition("--policy-document")[2].partition('"')[2].rstrip().removesuffix('"')
    return json.loads(re.sub(r"\$\(date [^)]*\)", since, document.replace('\\"', '"')))


@pytest.mark.parametrize("who", SERVING)
def test_revoked_sessions_do_nothing_and_new_ones_all(
    simulator: Simulator, account: Account, needed: dict[str, list[Request]], who: str
) -> None:
    """Beside the role's own policies: what was given before that time is denied each call, and none after."""

    def allowed(issued: str) -> set[bool]:
        asked = []
        for request in needed[who]:
            bearing = account.bearing_on(request)
            identity = {**bearing.identity, "revoked": revoking("2026-11-28T12:00:00Z")}
            context = {**request.context, "aws:TokenIssueTime": issued}
            asked.append((replace(request, context=context), replace(bearing, identity=identity)))
        return {found.allowed for found in simulator.decide(asked)}

    assert allowed("2026-11-28T11:59:59Z") == {False}
    assert allowed("2026-11-28T12:00:00Z") == {True}


def _lacking(policies: dict[str, Any], sid: str) -> dict[str, Any]:
    """Identity policies without a statement. One that had no other is left out."""
    kept = {
        name: policy | {"Statement": [entry for entry in policy["Statement"] if entry.get("Sid") != sid]}
        for name, policy in policies.items()
    }
    return {name: policy for name, policy in kept.items() if policy["Statement"]}


def test_each_statement_that_denies_is_needed(
    simulator: Simulator, account: Account, forbidden: list[Forbidden], roles: Roles
) -> None:
    """Take the denial of a bucket or a table away, and an administrator gets through."""
    rows = [
        row
        for row in forbidden
        if row.by.startswith("resource: ") and row.request.principal == roles.administrator
    ]
    planted = [(row.request, _without(account.bearing_on(row.request), row.by)) for row in rows]
    assert len(planted) >= 20
    again = simulator.decide(planted)
    assert [
        str(request) for (request, _), found in zip(planted, again, strict=True) if not found.allowed
    ] == []


def test_a_statement_that_allows_too_much_shows(
    simulator: Simulator, account: Account, forbidden: list[Forbidden], roles: Roles
) -> None:
    """Let a key's policy hand its use to the account, as AWS's default policy does, and the table says so."""
    everything = {
        "Sid": "Planted",
        "Effect": "Allow",
        "Principal": {"AWS": role("x").replace("role/x", "root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    rows = [
        r
        for r in forbidden
        if r.request.action.startswith("kms:") and r.request.principal == roles.administrator
    ]
    planted = [(row.request, _with(account.bearing_on(row.request), everything)) for row in rows]
    assert len(planted) >= 30
    again = simulator.decide(planted)
    assert [
        str(request) for (request, _), found in zip(planted, again, strict=True) if not found.allowed
    ] == []
    own = {
        "administrator": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    }
    tokenizing = [r.request for r in forbidden if r.request.principal == roles.tokenize and r.by]
    broad = [(request, Policies(own, account.bearing_on(request).resource)) for request in tokenizing]
    assert broad
    assert not any(found.allowed for found in simulator.decide(broad)), (
        "the key's denial stands against any policy"
    )


def test_the_provider_calls_what_was_recorded(production: ProductionExample) -> None:
    """Every type of the plan is covered, and no call of it is missing in `calls.json`."""
    missing = {
        f"{kind} {phase}": sorted(set(calls) - set(CALLS.get(kind, {}).get(phase, [])))
        for kind, phases in production.calls.items()
        for phase, calls in phases.items()
    }
    assert {where: calls for where, calls in missing.items() if calls} == {}, (
        "run terraform/deployer/record.py"
    )
    assert planned(CALLS, production.calls)

"""The account: the stack's own, with a trail of what is done to its keys."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tokenvault_client.doctor.asking import AwsClients, Problem, judged
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """Whose credentials these are, and whether CloudTrail writes."""
    identity = partial(clients("sts").get_caller_identity)
    yield judged("account", f"{stack.account}, the stack's", identity, account_problem(stack.account))
    trails = partial(_trails, clients("cloudtrail"))
    yield judged("CloudTrail", "a trail of management events is logging", trails, trail_problem)


def _trails(cloudtrail: Any) -> list[tuple[bool, bool]]:
    """For each trail that is seen from this Region: whether it logs, and whether it has management events."""
    return [
        (
            cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"],
            _management(cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])),
        )
        for trail in cloudtrail.describe_trails(includeShadowTrails=True)["trailList"]
    ]


def _management(selectors: Any) -> bool:
    """Whether a trail takes management events that write, by selectors of either kind.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
    """
    plain = [
        one.get("IncludeManagementEvents", True) and one.get("ReadWriteType", "All") != "ReadOnly"
        for one in selectors.get("EventSelectors") or []
    ]
    fields = [
        field
        for one in selectors.get("AdvancedEventSelectors") or []
        for field in one.get("FieldSelectors", [])
    ]
    advanced = any(f["Field"] == "eventCategory" and "Management" in f.get("Equals", []) for f in fields)
    return any(plain) or advanced


def account_problem(expected: str) -> Problem:
    """Whether the credentials are another account's."""

    def problem(answer: Any) -> str | None:
        return None if answer["Account"] == expected else "these credentials are another account's"

    return problem


def trail_problem(trails: Any) -> str | None:
    """Whether no trail logs management events: EventBridge then hears of no change of a KMS key.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    if not trails:
        return "there is no trail"
    if not any(logging for logging, _ in trails):
        return "no trail is logging"
    return None if any(all(trail) for trail in trails) else "no trail that logs takes management events"

"""SQS: what SetQueueAttributes leaves alone, and how policies come back."""

import json
from typing import Any, Final

from moto.sqs.models import Queue

from local.emulator.patching import Extra, replace_value, wrap

_redrive_allow_policy: Final = Extra[str | None]("redrive_allow_policy", lambda: None)

_ALLOW_WHY: Final = "moto has no RedriveAllowPolicy"
replace_value(
    Queue, "BASE_ATTRIBUTES", [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"], why=_ALLOW_WHY, seen_on="5.2.5"
)


@wrap(
    Queue,
    "_set_attributes",
    why="moto takes the policy away whenever another attribute is set, and has no RedriveAllowPolicy",
    seen_on="5.2.5",
)
def _set_attributes(original: Any, self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    policy = getattr(self, "policy", None)
    if "RedriveAllowPolicy" in attributes:
        _redrive_allow_policy.put(self, attributes["RedriveAllowPolicy"] or None)
    original(self, {k: v for k, v in attributes.items() if k != "RedriveAllowPolicy"}, now)
    if "Policy" not in attributes:
        self.policy = policy


def _get_redrive_allow_policy(queue: Queue) -> str | None:
    return _redrive_allow_policy.of(queue)


_original_attributes: Final[Any] = vars(Queue)["attributes"].fget


def _attributes(queue: Queue) -> dict[str, Any]:
    """As moto lists them, without what is not set, and with policies as compact as SQS writes them."""
    attributes: dict[str, Any] = _original_attributes(queue)
    if attributes.get("RedrivePolicy"):
        attributes["RedrivePolicy"] = json.dumps(
            json.loads(attributes["RedrivePolicy"]), separators=(",", ":")
        )
    return {name: value for name, value in attributes.items() if name != "RedriveAllowPolicy" or value}


Queue.redrive_allow_policy = property(_get_redrive_allow_policy)  # type: ignore[attr-defined]
replace_value(
    Queue,
    "attributes",
    property(_attributes),
    why=f"{_ALLOW_WHY}, and its RedrivePolicy has blanks that make a difference in the plan",
    seen_on="5.2.5",
)

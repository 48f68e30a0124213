"""EC2: what is said of a rule of a security group."""

from typing import Any, Final

from moto.ec2.models.security_groups import SecurityGroupRule

from local.emulator.patching import Extra, replace_value, wrap

_WHY: Final = (
    "moto returns descriptions of address ranges only, so those of groups and prefix lists never settle"
)

_peers: Final = Extra[list[dict[str, str]]]("peers", list)
"""The range, group or prefix list of a rule as it was stated, its description with it."""


@wrap(SecurityGroupRule, "__init__", why=_WHY, seen_on="5.2.5")
def _init(original: Any, self: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    _peers.put(self, [stated for stated in args if isinstance(stated, dict)])


def _description(rule: SecurityGroupRule) -> str | None:
    return next((peer["Description"] for peer in _peers.of(rule) if "Description" in peer), None)


replace_value(SecurityGroupRule, "description", property(_description), why=_WHY, seen_on="5.2.5")

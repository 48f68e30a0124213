"""What of the shell reaches the stack: nothing that says which AWS account to talk to, or how."""

import os
from collections.abc import Mapping, MutableMapping
from typing import Final

_PREFIXES: Final = ("AWS_", "LOCALSTACK_", "BOTO_")
_NAMES: Final = frozenset({"USE_SSL", "EDGE_PORT"})

NOWHERE: Final[Mapping[str, str]] = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""No profile, no file of settings, no machine's role: as on a machine that never heard of AWS.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""


def isolated(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without anybody's AWS settings, for a process that we start."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_PREFIXES) and name not in _NAMES
    }
    return {**kept, **NOWHERE}


def isolate(environment: MutableMapping[str, str]) -> None:
    """The same for this process."""
    wanted = isolated(environment)
    for name in set(environment) - set(wanted):
        del environment[name]
    environment.update(wanted)

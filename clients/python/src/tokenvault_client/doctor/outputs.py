"""The outputs of a stack, as `terraform output -json` prints them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tokenvault_client.errors import ConfigurationError
from tokenvault_client.parsing import load_json

KEYS: Final = ("vault", "index", "hmac", "receipts", "audit", "tables")
TABLES: Final = ("vault", "keys", "policy", "audit", "subjects", "idempotency", "budgets")
FUNCTIONS: Final = ("tokenize", "reveal", "maintain", "archive")

_KEY_ARN: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Outputs:
    """What a stack says of itself. Credentials of clients, which stand among the outputs, are not kept."""

    region: str
    vault_id: str
    url: str
    token_url: str
    tables: Mapping[str, str]
    key_arns: Mapping[str, str]
    function_names: Mapping[str, str]
    function_alias: str
    reserved_concurrency: Mapping[str, int | None]
    policy_sha256: str
    log_groups: Mapping[str, str]
    log_retention_days: int
    alarm_names: tuple[str, ...]
    alarms_topic_arn: str
    deletion_protection: bool

    @property
    def account(self) -> str:
        """The id of the AWS account, as the keys' ARNs have it."""
        return self.key_arns["vault"].split(":")[4]


def read_outputs(document: str | bytes) -> Outputs:
    """The outputs in a document. Raises `ConfigurationError` with every one that is missing or misshapen."""
    try:
        parsed = load_json(document)
    except ValueError:
        raise ConfigurationError("--stack is not what `terraform output -json` prints") from None
    if not isinstance(parsed, dict):
        raise ConfigurationError("--stack is not what `terraform output -json` prints")
    values = {name: _value(parsed.get(name)) for name in _SHAPES}
    problems = [
        f"output {name} {'is missing' if values[name] is None else f'is not {meaning}'}"
        for name, (fits, meaning) in _SHAPES.items()
        if not fits(values[name])
    ]
    if problems:
        raise ConfigurationError(*problems)
    return Outputs(**{**values, "alarm_names": tuple(values["alarm_names"])})


def _value(output: Any) -> Any:
    return output.get("value") if isinstance(output, dict) else None


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _names(*expected: str) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return isinstance(value, dict) and {*expected} <= {*value} and all(map(_text, value.values()))

    return fits


def _key_arns(value: Any) -> bool:
    return _names(*KEYS)(value) and all(_KEY_ARN.fullmatch(arn) for arn in value.values())


def _days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _limits(value: Any) -> bool:
    return isinstance(value, dict) and all(limit is None or _days(limit) for limit in value.values())


def _list(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(_text, value))


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


_SHAPES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(
        ("region", "vault_id", "url", "token_url", "function_alias", "policy_sha256"), (_text, "a text")
    ),
    "tables": (_names(*TABLES), f"the names of the tables {', '.join(TABLES)}"),
    "key_arns": (_key_arns, f"the ARNs of the keys {', '.join(KEYS)}"),
    "function_names": (_names(*FUNCTIONS), f"the names of the functions {', '.join(FUNCTIONS)}"),
    "reserved_concurrency": (_limits, "a number or null for each function"),
    "log_groups": (_names(*FUNCTIONS, "access", "execution"), "the names of the log groups"),
    "log_retention_days": (_days, "a number of days"),
    "alarm_names": (_list, "a list of names"),
    "alarms_topic_arn": (_text, "a text"),
    "deletion_protection": (_flag, "true or false"),
}
"""By output: what its value has to be, and how that is called. The fields of `Outputs`."""

"""Settings from the environment: every problem reported at once, no value echoed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, cast

from chalicelib.errors import ConfigurationError

T = TypeVar("T")
FunctionName = Literal["tokenize", "reveal", "maintain"]

PREFIX: Final = "TOKENVAULT_"
SLOTS: Final = 16
"""The token space of a random formatted type is split into this many parts; each Region owns some."""

_FUNCTIONS: Final = ("tokenize", "reveal", "maintain")
_ORIGINS: Final = "TOKENVAULT_ALLOWED_ORIGINS"
_FAST_PATH: Final = "TOKENVAULT_FAST_PATH"
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HTTPS: Final = rf"https://(?!.{{254}}){_LABEL}(?:\.{_LABEL})*(?::(?!443$)[1-9][0-9]{{0,4}})?"
_DEVELOPMENT: Final = r"http://(?:localhost|127\.0\.0\.1):(?!80$)[1-9][0-9]{0,4}"
ORIGIN: Final = re.compile(f"{_HTTPS}|{_DEVELOPMENT}")
"""An origin as browsers write it: without the port that the scheme stands for (RFC 6454, section 6.2)."""


def allowed_origins(env: Mapping[str, str]) -> frozenset[str]:
    """The origins whose pages may read answers. What is none allows nobody, and `Settings` reports it."""
    return frozenset(origin for origin in env.get(_ORIGINS, "").split(",") if is_origin(origin))


def takes_fast_path(env: Mapping[str, str]) -> bool:
    """Whether calls of AWS take the fast path (`aws.fast_path`). `Settings` reports any other word."""
    return env.get(_FAST_PATH, "on") == "on"


@dataclass(frozen=True)
class Settings:
    """What a function needs to know of its surroundings; None for what it does not need."""

    function: FunctionName
    region: str
    vault_id: str
    vault_table: str
    keys_table: str
    policy_table: str
    policy_sha256: str
    index_kek_arn: str
    region_slots: frozenset[int]
    key_cache_seconds: float
    seals_per_request: bool
    restoring: bool
    subjects_table: str
    requests_table: str | None
    hmac_key_arn: str | None
    audit_table: str
    audit_key_arn: str
    budgets_table: str | None
    region_count: int
    vault_kek_arn: str | None
    receipt_key_arn: str | None
    backup_days: int
    regions: tuple[str, ...]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Reads `TOKENVAULT_*` and `AWS_REGION`. Raises `ConfigurationError` naming every wrong variable."""
        reader = _Reader(env)
        function = reader.read("TOKENVAULT_FUNCTION", _one_of(_FUNCTIONS))
        tokenizes, reveals, maintains = (function == name for name in _FUNCTIONS)
        # The revealing function derives only where a type was given another PRF key (ADR 21).
        derives = tokenizes or (reveals and "TOKENVAULT_HMAC_KEY_ARN" in env)
        settings = cls(
            function=cast(FunctionName, function),
            region=reader.read("AWS_REGION", _text),
            vault_id=reader.read("TOKENVAULT_VAULT_ID", _text),
            vault_table=reader.read("TOKENVAULT_VAULT_TABLE", _text),
            keys_table=reader.read("TOKENVAULT_KEYS_TABLE", _text),
            policy_table=reader.read("TOKENVAULT_POLICY_TABLE", _text),
            policy_sha256=reader.read(
                "TOKENVAULT_POLICY_SHA256", _matching(r"[0-9a-f]{64}", "64 hex digits")
            ),
            index_kek_arn=reader.read("TOKENVAULT_INDEX_KEK_ARN", _text),
            region_slots=reader.read("TOKENVAULT_REGION_SLOTS", _slots),
            key_cache_seconds=reader.read("TOKENVAULT_KEY_CACHE_SECONDS", _seconds, default="300"),
            seals_per_request=reader.read("TOKENVAULT_SEAL_PER_REQUEST", _switch, default="on"),
            restoring=reader.read("TOKENVAULT_RESTORING", _switch, default="off"),
            subjects_table=reader.read("TOKENVAULT_SUBJECTS_TABLE", _text),
            requests_table=reader.read("TOKENVAULT_IDEMPOTENCY_TABLE", _text) if tokenizes else None,
            hmac_key_arn=reader.read("TOKENVAULT_HMAC_KEY_ARN", _text) if derives else None,
            audit_table=reader.read("TOKENVAULT_AUDIT_TABLE", _text),
            budgets_table=reader.read("TOKENVAULT_BUDGETS_TABLE", _text) if not maintains else None,
            region_count=reader.read("TOKENVAULT_REGION_COUNT", _count, default="1"),
            audit_key_arn=reader.read("TOKENVAULT_AUDIT_KEY_ARN", _text),
            vault_kek_arn=reader.read("TOKENVAULT_VAULT_KEK_ARN", _text) if reveals or maintains else None,
            receipt_key_arn=reader.read("TOKENVAULT_RECEIPT_KEY_ARN", _text) if reveals else None,
            backup_days=reader.read("TOKENVAULT_BACKUP_DAYS", _days, default="35"),
            regions=reader.read("TOKENVAULT_REGIONS", _names) if maintains else (),
        )
        reader.read(_FAST_PATH, _switch, default="on")
        if _ORIGINS in env:
            reader.read(_ORIGINS, _origins)
        if settings.regions and settings.region not in settings.regions:
            reader.problems.append("TOKENVAULT_REGIONS must name this Region, too")
        if reader.problems:
            raise ConfigurationError(reader.problems)
        return settings


@dataclass(frozen=True)
class ArchiveSettings:
    """What the archiving function needs to know; it knows no key and no other table."""

    region: str
    bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "ArchiveSettings":
        """Reads `TOKENVAULT_ARCHIVE_BUCKET` and `AWS_REGION`. Raises `ConfigurationError`."""
        reader = _Reader(env)
        settings = cls(
            region=reader.read("AWS_REGION", _text),
            bucket=reader.read("TOKENVAULT_ARCHIVE_BUCKET", _text),
        )
        if reader.problems:
            raise ConfigurationError(reader.problems)
        return settings


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def read(self, name: str, parse: Callable[[str], T], default: str | None = None) -> T:
        """The parsed variable. A problem is noted and a stand-in returned, which nobody gets to see."""
        text = self._env.get(name, default)
        if not text:
            self.problems.append(f"{name} is not set")
            return cast(T, None)
        try:
            return parse(text)
        except ValueError as rule:
            self.problems.append(f"{name} {rule}")
            return cast(T, None)


def _text(text: str) -> str:
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    return _matching("|".join(choices), f"one of {', '.join(choices)}")


def _matching(pattern: str, description: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {description}")
        return text

    return parse


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 3600:
        raise ValueError("must be a number of seconds from 1 to 3600")
    return float(text)


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("must be on or off")
    return text == "on"


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= SLOTS:
        raise ValueError(f"must be a number from 1 to {SLOTS}")
    return int(text)


def _days(text: str) -> int:
    """DynamoDB keeps point-in-time backups for 1 to 35 days; copies made by AWS Backup may live longer."""
    if not re.fullmatch(r"[0-9]{1,5}", text):
        raise ValueError("must be a number of days")
    return int(text)


def _slots(text: str) -> frozenset[int]:
    parts = text.split(",")
    if not all(re.fullmatch(r"[0-9]{1,2}", part) and int(part) < SLOTS for part in parts):
        raise ValueError(f"must be numbers from 0 to {SLOTS - 1}, separated by commas")
    return frozenset(int(part) for part in parts)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not all(re.fullmatch(r"[a-z0-9-]+", name) for name in names):
        raise ValueError("must be names of Regions, separated by commas")
    return names


def _origins(text: str) -> None:
    if not all(is_origin(origin) for origin in text.split(",")):
        raise ValueError("must be origins such as https://shop.example, separated by commas")


def is_origin(text: str) -> bool:
    """Whether a text is an origin as browsers write it."""
    return ORIGIN.fullmatch(text) is not None

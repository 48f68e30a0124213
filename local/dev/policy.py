"""A policy from a small file: the variables `info_types` and `tenants` as Terraform takes them.

In TOML or in JSON; the latter is a file for Terraform too (`make run VARS=my.tfvars.json`).
"""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from chalicelib.errors import ConfigurationError
from chalicelib.formats.registry import FORMATS, build
from local.dev.rules import check
from local.errors import StepError

Json = dict[str, Any]
_TYPE: Final = {"format", "mode", "derivation", "options"} | {
    "default_ttl_seconds",
    "max_ttl_seconds",
    "expected_tokens",
    "imported_tokens",
    "prf_key",
}
_GROUP: Final = {"actions", "types", "purposes"} | {
    "reveals_per_hour",
    "searches_per_hour",
    "deterministic_tokens_per_hour",
}
_CLIENT: Final = _GROUP | {
    "kind",
    "on_behalf_of",
    "assertions",
    "approval",
    "fields",
    "throttle",
    "callback_urls",
}
_WHOLE: Final = "the policy"
_OF_ACCOUNT: Final = {"throttle", "callback_urls"}
"""Of a client's fields, those that the policy does not have."""


def _each_once(pairs: Sequence[tuple[str, Any]]) -> Json:
    """An object of JSON, as strict as TOML is: of two clients of one name, the first would be lost unseen."""
    made = dict[str, Any]()
    for name, value in pairs:
        if name in made:
            raise ValueError(f"{name} stands twice in one object")
        made[name] = value
    return made


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    ".json": partial(json.loads, object_pairs_hook=_each_once),
    ".toml": tomllib.loads,
}


@dataclass(frozen=True)
class DevPolicy:
    """The policy as it is stored, its clients without identities yet, and what the account has of each.

    That is a client's throttle, and the addresses that people come back to who sign in to it.
    """

    document: Json
    throttles: Mapping[tuple[str, str], Json]
    callback_urls: Mapping[tuple[str, str], list[str]]


def default(document: Json) -> DevPolicy:
    """That of the snapshot."""
    return DevPolicy(document, {}, {})


def load(file: Path, vault_id: str) -> DevPolicy:
    """From a file. Raises `StepError` that names file, field and rule, the functions' own among them."""
    try:
        return _loaded(file, vault_id)
    except StepError as problem:
        lines = str(problem).splitlines()
        raise StepError("\n".join(f"{file}: {line}" for line in lines)) from None


def _loaded(file: Path, vault_id: str) -> DevPolicy:
    given = _read(file)
    _only(given, {"info_types", "tenants"}, _WHOLE)
    types = {name: _type(name, given["info_types"][name]) for name in _table(given, "info_types", _WHOLE)}
    tenants, throttles, callback_urls, of_account = {}, {}, {}, {}
    for tenant in _table(given, "tenants", _WHOLE):
        where = f"tenants.{tenant}"
        _only(given["tenants"][tenant], {"canaries", "clients", "groups"}, where)
        clients = _table(given["tenants"][tenant], "clients", where)
        for name, client in clients.items():
            _only(client, _CLIENT, f"{where}.clients.{name}")
            throttles[tenant, name] = client.get("throttle", {})
            callback_urls[tenant, name] = client.get("callback_urls", [])
            of_account[f"{where}.clients.{name}"] = {
                field: client[field] for field in _OF_ACCOUNT & set(client)
            }
        tenants[tenant] = {
            "canaries": given["tenants"][tenant].get("canaries", []),
            "clients": {name: _client(client, types) for name, client in clients.items()},
            "groups": _groups(given["tenants"][tenant], types, where),
        }
    document = {"version": 1, "vault_id": vault_id, "types": types, "tenants": tenants}
    check(document, of_account)
    return DevPolicy(document, throttles, callback_urls)


def _read(file: Path) -> Json:
    reader = _READERS.get(file.suffix)
    if reader is None:
        raise StepError("its name ends in neither .json nor .toml.")
    try:
        given = reader(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise StepError(f"{problem.strerror}.") from None
    except ValueError as problem:
        raise StepError(f"does not parse: {problem}") from None
    if not isinstance(given, dict):
        raise StepError("it is no object with info_types and tenants.")
    return given


def _table(given: Json, field: str, where: str) -> Json:
    """A field that holds objects by name."""
    found = given.get(field)
    if not isinstance(found, dict) or not found:
        raise StepError(
            f"{where} needs {field}: a table of tables (in JSON an object of objects), at least one of them."
        )
    if bare := [name for name, value in found.items() if not isinstance(value, dict)]:
        place = field if where == _WHOLE else f"{where}.{field}"
        raise StepError(f"{place}.{bare[0]} must be a table (in JSON an object).")
    return found


def _only(given: Json, known: set[str], where: str) -> None:
    if unknown := sorted(set(given) - known):
        said = f"there is no setting {', '.join(unknown)}; the settings are {', '.join(sorted(known))}."
        raise StepError(f"{where}: {said}")


def _type(name: str, given: Json) -> Json:
    where, written = f"info_types.{name}", {"format": name, "mode": "random", "options": {}, **given}
    _one_level_off(written, where)
    _only(given, _TYPE, where)
    return written


def _one_level_off(written: Json, where: str) -> None:
    """A setting of the type among its options, or an option beside them: the place is wrong."""
    options = written["options"] if isinstance(written["options"], dict) else {}
    if settings := sorted(_TYPE & set(options)):
        said = f"settings of the type, which stand beside options: {', '.join(settings)}."
        raise StepError(f"{where}.options has {said}")
    beside = [word for word in sorted(set(written) - _TYPE) if _is_option(written["format"], word)]
    if beside:
        raise StepError(f"{where} has options of the format, which stand in options: {', '.join(beside)}.")


def _is_option(format_name: Any, word: str) -> bool:
    """Asks the format: it alone knows its options, and says so of a word that is none of them."""
    if format_name not in FORMATS:
        return False
    try:
        build(format_name, "a-type", {word: object()})
    except ConfigurationError as refused:
        return not any(said.startswith(f"the format has no option {word};") for said in refused.problems)
    return True


def _groups(given: Json, types: Mapping[str, Any], where: str) -> Json:
    groups = _table(given, "groups", where) if given.get("groups") else {}
    for name, group in groups.items():
        _only(group, _GROUP, f"{where}.groups.{name}")
    return {name: _client(group, types) for name, group in groups.items()}


def _client(given: Json, types: Mapping[str, Any]) -> Json:
    """Without types, and with a `*` alone, a client may use all: what is stored lists names."""
    kept = {name: value for name, value in given.items() if name not in _OF_ACCOUNT}
    if kept.get("types") == ["*"]:
        del kept["types"]
    return {"actions": [], "purposes": [], "types": sorted(types), **kept}

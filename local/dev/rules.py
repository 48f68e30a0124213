"""The functions' own rules for a policy, asked before anything starts: later they are lines in a log."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from hashlib import sha256
from math import isfinite
from typing import Any, Final

import msgspec

from chalicelib.auth import policy
from chalicelib.auth.documents import ClientDocument, GrantDocument, TypeDocument
from chalicelib.errors import ConfigurationError
from chalicelib.formats.registry import build
from chalicelib.model import ACTIONS
from local.dev.plain_words import told
from local.errors import StepError

Json = dict[str, Any]
_NO_IDENTITY_YET: Final[Json] = {"identities": []}


class _Tenant(msgspec.Struct):
    """What a tenant has beside clients and groups, which are looked at one by one."""

    canaries: list[str] = []


class _OfAccount(msgspec.Struct):
    """What the account has of a client, and the functions do not know."""

    throttle: dict[str, float] = {}
    callback_urls: list[str] = []


def check(document: Json, of_account: Mapping[str, Json]) -> None:
    """Raises `StepError` that names each field and rule for which the functions would refuse the policy.

    `of_account` is what the account has of each client, by where it stands in the file.
    """
    problems = list(_wrong_actions(document)) or list(_misshapen(document, of_account))
    if problems := problems or list(_in_no_json(document)) or _refused(document):
        raise StepError("\n".join(problems))


def _wrong_actions(document: Json) -> Iterator[str]:
    """Those that are none; and where there are none at all, as Terraform refuses it: Cognito gives a client
    without scopes no access token."""
    for where, given in _grants(document):
        actions = given["actions"]
        if actions == []:
            yield f"{where} needs actions: one or more of {', '.join(ACTIONS)}"
        if isinstance(actions, list) and (unknown := [one for one in actions if one not in ACTIONS]):
            said = f"there is no action {', '.join(map(str, unknown))}; the actions are {', '.join(ACTIONS)}"
            yield f"{where}: {said}"


def _misshapen(document: Json, of_account: Mapping[str, Json]) -> Iterator[str]:
    """What does not parse, object by object: only so does the message say which one it is."""
    shapes: list[tuple[str, Any, Any]] = [
        (f"info_types.{name}", given, TypeDocument) for name, given in document["types"].items()
    ]
    shapes += [(f"tenants.{name}", given, _Tenant) for name, given in document["tenants"].items()]
    shapes += [(where, given, _shape(where)) for where, given in _grants(document)]
    shapes += [(where, given, _OfAccount) for where, given in of_account.items()]
    for where, given, shape in shapes:
        try:
            msgspec.convert(given | _NO_IDENTITY_YET if shape is ClientDocument else given, shape)
        except msgspec.ValidationError as problem:
            yield told(where, str(problem), shape)


def _in_no_json(document: Json) -> Iterator[str]:
    """Options that TOML can say and the stored policy cannot, which is in JSON."""
    for name, given in document["types"].items():
        for option, value in given["options"].items():
            endless = isinstance(value, float) and not isfinite(value)
            if endless or isinstance(value, date | time):
                yield f"info_types.{name}.options.{option} must be text, a number, or true or false"


def _grants(document: Json) -> Iterator[tuple[str, Json]]:
    """Clients and groups, and where they stand in the file."""
    for tenant, described in document["tenants"].items():
        for kind in ("clients", "groups"):
            for name, given in described.get(kind, {}).items():
                yield f"tenants.{tenant}.{kind}.{name}", given


def _shape(where: str) -> type[GrantDocument]:
    return ClientDocument if where.split(".")[-2] == "clients" else GrantDocument


def _refused(document: Json) -> list[str]:
    text = json.dumps(_with_identities(document))
    try:
        policy.load(text, sha256(text.encode()).hexdigest(), document["vault_id"], build)
    except ConfigurationError as refused:
        return list(refused.problems)
    return []


def _with_identities(document: Json) -> Json:
    """With a stand-in for what each client is given later."""
    made: Json = json.loads(json.dumps(document))
    for tenant, described in made["tenants"].items():
        for name, client in described["clients"].items():
            client["identities"] = [_identity(f"{tenant}/{name}", client)]
    return made


def _identity(name: str, client: Mapping[str, Any]) -> Json:
    key = {} if client.get("kind") == "browser" else {"api_key_id": name}
    return {"issuer": "local", "client_id": name, **key}

"""An applied state or a plan, as tests read it."""

import json
from collections.abc import Iterator
from typing import Any

from local.terraform import Terraform


def resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All resources of a module and of those below it."""
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def planned(terraform: Terraform, variables: str) -> dict[str, str]:
    """What `terraform plan` would change, by address: create, update, replace or delete.

    In one command, by the plan's own messages: each further one reads the provider's schema for seconds.
    https://developer.hashicorp.com/terraform/internals/machine-readable-ui#planned-change
    """
    return changes(terraform.run("plan", "-json", f"-var-file={variables}"))


def changes(messages: str) -> dict[str, str]:
    """What the messages of `terraform plan -json` say that would change."""
    said = map(json.loads, messages.splitlines())
    each = [message["change"] for message in said if message["type"] == "planned_change"]
    return {one["resource"]["addr"]: one["action"] for one in each if one["action"] not in ("noop", "read")}


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy document in the attributes of a resource, in whatever attribute it stands."""
    if isinstance(value, str) and '"Statement"' in value:
        yield from documents(json.loads(value))
    elif isinstance(value, dict):
        if "Statement" in value:
            yield value
        else:
            for part in value.values():
                yield from documents(part)
    elif isinstance(value, list):
        for part in value:
            yield from documents(part)


def listed(value: Any) -> list[Any]:
    """A policy's field as the list that it may be written as."""
    return value if isinstance(value, list) else [value]


def named(applied: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """Attributes of all resources of a kind, by the index or name they have in Terraform."""
    return {
        str(r.get("index", r["name"])): r["values"]
        for r in applied
        if r["type"] == kind and r["mode"] == "managed"
    }


def statements(text: str) -> list[dict[str, Any]]:
    """The statements of a policy, actions and resources as lists."""
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    for statement in found:
        statement |= {
            field: listed(statement[field]) for field in ("Action", "Resource") if field in statement
        }
    return found


class Found:
    """The attributes of the resources of a kind, by the index or the name that they have in Terraform."""

    def __init__(self, applied: list[dict[str, Any]]) -> None:
        self._applied = applied

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Those of every `resource` block."""
        return [one["values"] for one in self._applied if one["type"] == kind]

    def named(self, kind: str, name: str) -> dict[str, dict[str, Any]]:
        """Those of one `resource` block, by index."""
        found = [one for one in self._applied if (one["type"], one["name"]) == (kind, name)]
        return {str(one.get("index", "")): one["values"] for one in found}

    def all_named(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Those of the `resource` blocks of one name, in whatever modules they stand."""
        return [one["values"] for one in self._applied if (one["type"], one["name"]) == (kind, name)]

    def one(self, kind: str, name: str = "this") -> dict[str, Any]:
        """The only one of a `resource` block."""
        [values] = self.named(kind, name).values()
        return values

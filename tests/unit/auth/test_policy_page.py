"""terraform/README.md has each setting of a type, and each action with the routes that it opens."""

import json
import re
from collections import defaultdict
from pathlib import Path

from chalicelib.auth.documents import TypeDocument
from chalicelib.model import ACTIONS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "terraform/README.md").read_text()
FOR_ALL = "/v1/types"
"""Told above the table, since each action opens it."""


def rows() -> dict[str, set[str]]:
    """The routes of the table, by action."""
    table = PAGE.partition("\n| action | allows | routes |\n")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[1:]]
    return {action.strip("`"): set(re.findall("`([^`]+)`", routes)) for action, _, routes in cells}


def opened() -> dict[str, set[str]]:
    """The routes that the API's own description opens to the scope of each action."""
    found = defaultdict(set)
    for path, methods in json.loads((ROOT / "docs/openapi.json").read_text())["paths"].items():
        for method, operation in methods.items():
            for way in operation["security"]:
                for scope in way.get("oauth2", ()):
                    found[scope.removeprefix("vault/")].add(f"{method.upper()} {path}")
    return found


def test_the_table_has_the_actions_in_their_order() -> None:
    """Each that a policy may give, and none besides."""
    assert tuple(rows()) == ACTIONS


def test_each_action_has_the_routes_that_it_opens() -> None:
    """Apart from that of the types, which all of them open."""
    assert {action: routes | {f"GET {FOR_ALL}"} for action, routes in rows().items()} == opened()
    assert f"Each of them allows `GET {FOR_ALL}` too" in PAGE


def test_each_setting_of_a_type_is_in_its_table() -> None:
    """By its name in the policy, and none besides."""
    text = PAGE.partition("### What a type may say")[2].partition("\n### ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(TypeDocument.__struct_fields__)

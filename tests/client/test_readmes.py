"""What the READMEs of the clients tell of methods, keys and errors is what there is."""

import inspect
import json
import re
from pathlib import Path

import pytest
import tokenvault_client
from tokenvault_client import (
    Approvals,
    Client,
    ConfigurationError,
    Exports,
    TokenizeItem,
    TokenvaultError,
    operations,
)

from chalicelib.model import ACTIONS
from tests.client.service import Service

ROOT = Path(__file__).resolve().parents[2]
PYTHON, TYPESCRIPT = ((ROOT / f"clients/{name}/README.md").read_text() for name in ("python", "typescript"))
SOURCES = ROOT / "clients/typescript/src"
BOTH = pytest.mark.parametrize("readme", [PYTHON, TYPESCRIPT], ids=["python", "typescript"])


def rows(readme: str) -> list[list[str]]:
    """The cells of the table of methods."""
    table = readme.split("\n| method | action |")[1].split("\n\n", maxsplit=1)[0]
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def methods(readme: str) -> list[str]:
    """The methods that the table names."""
    return [name for row in rows(readme) for name in re.findall(r"`(?:Client\.)?([A-Za-z_.]+)\(", row[0])]


def public(kind: type) -> set[str]:
    """The methods of a class that are for its users."""
    return {name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")}


def in_typescript(file: str) -> set[str]:
    """The methods that a class of the other client has; what is private begins with a #."""
    found = re.findall(r"^  (?:static |async )*\*?([a-zA-Z]+)\(", (SOURCES / file).read_text(), re.MULTILINE)
    return set(found) - {"constructor"}


def test_the_table_has_each_method_of_the_python_client() -> None:
    """Once, and none besides."""
    there = public(Client) | {f"approvals.{name}" for name in public(Approvals)}
    there |= {f"exports.{name}" for name in public(Exports)}
    assert sorted(methods(PYTHON)) == sorted(there)


def test_the_table_has_each_method_of_the_typescript_client() -> None:
    """Once, and none besides."""
    there = in_typescript("client.ts") | {f"approvals.{name}" for name in in_typescript("approvals.ts")}
    there |= {f"exports.{name}" for name in in_typescript("exports.ts")}
    assert sorted(methods(TYPESCRIPT)) == sorted(there)


@BOTH
def test_the_table_names_each_action(readme: str) -> None:
    """And nothing else that a policy could not give."""
    named = {word for _, actions, _ in rows(readme) for word in re.findall(r"`([a-z.]+)`", actions)}
    assert named == set(ACTIONS)


CALLS = {
    "tokenize": operations.tokenize([], None).call("0", []),
    "import_tokens": operations.import_tokens([], None).call("0", []),
    "search": operations.search([]).call("0", []),
    "facts": operations.facts("t").call,
    "erase_token": operations.erase_token("t").call,
    "subject_tokens": operations.subject_tokens("s").call,
    "erase_subject": operations.erase_subject("s").call,
}


@pytest.mark.parametrize("method", CALLS)
def test_the_table_has_the_action_that_a_call_needs(method: str) -> None:
    """That of which the call's access token has to have the scope."""
    [action] = [row[1].strip("`") for row in rows(PYTHON) if row[0].startswith(f"`{method}(")]
    assert CALLS[method].actions == {action}


@BOTH
def test_the_readme_has_the_limits_of_idempotency_keys(readme: str) -> None:
    """Those of the clients, and that of the API, which leaves room for the number of a request."""
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    [header] = [
        one for one in document["paths"]["/v1/tokenize"]["post"]["parameters"] if one["in"] == "header"
    ]
    least, most = re.findall(r"[0-9]+", header["schema"]["pattern"].split("{")[1])
    assert f"It has {least} to 112 of" in readme
    assert f"The API takes up to {most}" in readme.replace("\n ", "")


@pytest.mark.parametrize(("length", "taken"), [(21, False), (22, True), (112, True), (113, False)])
def test_a_key_of_another_length_is_refused_before_anything_is_sent(
    service: Service, length: int, taken: bool
) -> None:
    """With the error that the README names."""
    with Client(service.settings()) as vault:
        try:
            vault.tokenize([TokenizeItem("text", "x")], idempotency_key="k" * length)
        except ConfigurationError:
            assert not taken
    assert len(service.seen) == taken


def test_the_readme_names_each_error_of_the_python_client() -> None:
    """All that a program may catch."""
    errors = [
        name
        for name in tokenvault_client.__all__
        if inspect.isclass(kind := getattr(tokenvault_client, name)) and issubclass(kind, TokenvaultError)
    ]
    said = PYTHON.split("- **Errors**")[1].split("\n- **")[0]
    assert [name for name in errors if f"`{name}`" not in said] == []

"""The example of production, applied once for all that looks at it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.processes import free_port
from local.stack import Stack, StackPaths
from local.terraform import Terraform
from tests.infrastructure.production.example import OPTIONS
from tests.infrastructure.state import Found, resources


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An emulator of its own, with the example applied."""
    made = Stack(StackPaths(tmp_path_factory.mktemp("production"), free_port(), free_port()), print)
    try:
        made.prepare()
        made.terraform.run("apply", "-auto-approve", *OPTIONS)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def terraform(stack: Stack) -> Terraform:
    """The working copy that the example was applied from."""
    return stack.terraform


@pytest.fixture(scope="module")
def applied(terraform: Terraform) -> list[dict[str, Any]]:
    """All that Terraform made."""
    shown = json.loads(terraform.run("show", "-json", interactive=False))
    return [one for one in resources(shown["values"]["root_module"]) if one["mode"] == "managed"]


@pytest.fixture(scope="module")
def found(applied: list[dict[str, Any]]) -> Found:
    """The same to look things up in."""
    return Found(applied)


@pytest.fixture(scope="module")
def api(found: Found) -> Any:
    """The body of the REST API as applied, its references resolved."""
    return json.loads(found.one("aws_api_gateway_rest_api", "rest_api")["body"])

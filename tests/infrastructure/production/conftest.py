"""What tests of production look at."""

import json
from typing import Any

import pytest

from local.stack import Stack
from local.terraform import Terraform
from tests.infrastructure.production.example import ProductionExample
from tests.infrastructure.state import Found


@pytest.fixture(scope="module")
def stack(production: ProductionExample) -> Stack:
    """The emulator that the example is applied to."""
    return production.stack


@pytest.fixture(scope="module")
def terraform(stack: Stack) -> Terraform:
    """The working copy that the example was applied from."""
    return stack.terraform


@pytest.fixture(scope="module")
def applied(production: ProductionExample) -> list[dict[str, Any]]:
    """All that Terraform made."""
    return production.applied


@pytest.fixture(scope="module")
def found(production: ProductionExample) -> Found:
    """The same to look things up in."""
    return production.found


@pytest.fixture(scope="module")
def api(found: Found) -> Any:
    """The body of the REST API as applied, its references resolved."""
    return json.loads(found.one("aws_api_gateway_rest_api", "rest_api")["body"])

"""How long an answer is waited for, beside what Terraform gives the functions that are asked."""

import re
from types import ModuleType

import pytest

from bulklib import export_functions, functions
from tests.support.bulk_machine import MODULE

BEGINNING = 10
"""Seconds that Lambda lets a function begin, before it counts its timeout:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""


@pytest.mark.parametrize(
    ("asking", "file", "asked"),
    [(functions, "main.tf", "take_in"), (export_functions, "exports.tf", "give_out")],
)
def test_a_function_has_its_time_to_begin_and_to_answer(asking: ModuleType, file: str, asked: str) -> None:
    """What is not waited for is asked again, while the first one is at work."""
    written = (MODULE / file).read_text().partition(f'"aws_lambda_function" "{asked}"')[2]
    found = re.search(r"^  timeout +=\s+(\d+)$", written, re.MULTILINE)
    assert found is not None
    assert int(found[1]) + BEGINNING < asking._ANSWER_SECONDS

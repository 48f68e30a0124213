"""Reading a body takes no more than its size is worth."""

import tracemalloc

import msgspec
import pytest

from chalicelib.api.approval_bodies import AskApprovalBody, DecisionBody
from chalicelib.api.bodies import ImportItemBody, SearchBody, TokenizeBody, TokenizeItemBody
from chalicelib.api.capture_bodies import CaptureItemBody, CaptureSessionBody
from chalicelib.api.export_bodies import AskExportBody, ExportPageBody
from chalicelib.api.json_body import POINTER_FIELDS, parse
from chalicelib.api.revealing_bodies import DetokenizeBody
from chalicelib.errors import InvalidRequest

DEEP = 900
WIDE = 30_000


def test_a_body_both_deep_and_wide_takes_little_memory() -> None:
    """What lies side by side shares the way to it: a path of its own for each took 3,000 times the body."""
    body = b"[" * DEEP + b",".join([b"1"] * WIDE) + b"]" * DEEP
    tracemalloc.start()
    try:
        parse(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500 * len(body)


READ = [TokenizeBody, TokenizeItemBody, ImportItemBody, SearchBody, DetokenizeBody, AskApprovalBody]
READ += [DecisionBody, CaptureSessionBody, CaptureItemBody, AskExportBody, ExportPageBody]


@pytest.mark.parametrize("body", READ)
def test_every_field_of_a_body_may_stand_in_a_pointer(body: type[msgspec.Struct]) -> None:
    """They are names of ours, and who sent a bad one is told which it is."""
    assert set(body.__struct_fields__) <= POINTER_FIELDS


def test_the_place_at_fault_is_told_in_order() -> None:
    """The pointer leads from the document's root to the string."""
    with pytest.raises(InvalidRequest) as refused:
        parse(b'{"items": [{}, {"metadata": {"value": "\\ud83e"}}]}')
    assert refused.value.pointer == "/items/1/metadata/value"

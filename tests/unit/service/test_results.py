"""Per-item errors are returned; what concerns the whole request is raised."""

from collections.abc import Iterator

import pytest

from chalicelib import errors
from chalicelib.errors import StoreRefused, StoreUnavailable, TokenvaultError
from chalicelib.model import TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.service.results import item_result, step_result, write_result
from chalicelib.vault.tokens import Put

RECORD = TokenRecord("shop", "text_1", "text", Sensitive("x"), 5, expires_at=9, metadata={"a": "b"})


def kinds(of: type[TokenvaultError] = TokenvaultError) -> Iterator[type[TokenvaultError]]:
    """Every error of the tree."""
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


def raised(kind: type[TokenvaultError]) -> TokenvaultError:
    """An error of this kind, however it is made otherwise."""
    error = kind.__new__(kind)
    TokenvaultError.__init__(error, "detail")
    return error


def fail(error: Exception) -> None:
    raise error


ALL = [kind for kind in kinds() if kind.__module__ == errors.__name__]
OF_THE_REQUEST = [
    errors.StoreUnavailable,
    errors.StoreRefused,
    errors.KeyUnavailable,
    errors.KeyRefused,
    errors.Restoring,
]
"""What every item would meet, passing or not; not a secret that one subject waits for."""


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind not in OF_THE_REQUEST])
def test_an_error_of_one_item_is_its_result(kind: type[TokenvaultError]) -> None:
    """The others go on."""
    error = raised(kind)
    assert item_result(fail, error) is error


@pytest.mark.parametrize("kind", OF_THE_REQUEST)
def test_a_missing_store_or_key_concerns_the_request(kind: type[TokenvaultError]) -> None:
    """Whether it passes or lasts: all items would meet it."""
    with pytest.raises(kind):
        item_result(fail, raised(kind))


@pytest.mark.parametrize("kind", ALL)
def test_a_step_never_holds_up_the_next(kind: type[TokenvaultError]) -> None:
    """Its error of whatever kind is its result."""
    error = raised(kind)
    assert step_result(fail, error) is error


@pytest.mark.parametrize("result", [item_result, step_result])
def test_results_and_bugs_pass_through(result: object) -> None:
    """What works gives its result; an exception that nobody foresaw is nobody's result."""
    assert callable(result)
    assert result(max, 1, 2, key=lambda number: -number) == 1
    with pytest.raises(KeyError):
        result(fail, KeyError("x"))


@pytest.mark.parametrize("put", [Put.WRITTEN, Put.TAKEN])
def test_a_written_record_gives_its_facts(put: Put) -> None:
    """Never the value."""
    facts = write_result(RECORD, put)
    assert facts == RECORD.facts
    assert "Sensitive" not in repr(facts)


@pytest.mark.parametrize("error", [StoreUnavailable("throttled"), StoreRefused("denied")])
def test_a_record_that_was_not_written_has_the_stores_error(error: StoreUnavailable) -> None:
    """That item alone: it may stand there or not, and the error says whether it can be sent again."""
    assert write_result(RECORD, error) is error

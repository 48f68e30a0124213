"""What AWS answers until somebody mends it is told apart from what passes, at each door to AWS."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from chalicelib.audit.archive import ArchiveObject
from chalicelib.audit.archive_bucket import ArchiveBucket
from chalicelib.aws.errors import LASTING, Service
from chalicelib.crypto.kms import Kek, MacKey, SigningKey
from chalicelib.errors import (
    KeyRefused,
    KeyUnavailable,
    StoreRefused,
    StoreUnavailable,
    TokenvaultError,
    error_of_all,
)
from chalicelib.vault.dynamodb import condition_holds, put_new, query_all, translate_errors
from tests.support.faults import client_error

SAID = "arn:aws:iam::123456789012:role/tv-reveal is not authorized"
TIMEOUT = ReadTimeoutError(endpoint_url="https://kms.invalid")


class Failing:
    """A client whose every call ends in one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            raise self._error

        return call


def kms_calls(client: Any) -> Iterator[Callable[[], object]]:
    """Every call of KMS."""
    kek = Kek(client, "arn")
    yield lambda: kek.unwrap(b"", {})
    yield lambda: kek.wrap(b"", {})
    yield lambda: kek.make_key_pair({})
    yield lambda: kek.make_data_key({})
    yield lambda: MacKey(client, "arn").generate(b"")
    yield lambda: SigningKey(client, "arn").sign(b"")


def dynamodb_calls(client: Any) -> Iterator[Callable[[], object]]:
    """Every way of calling DynamoDB."""
    yield lambda: translate_errors(client.get_item)
    yield lambda: list(query_all(client, {}))
    yield lambda: put_new(client, "vault", {})
    yield lambda: condition_holds(client.update_item)


def s3_calls(client: Any) -> Iterator[Callable[[], object]]:
    """The one call of S3."""
    yield lambda: ArchiveBucket(client, "bucket").put(ArchiveObject("key", b"", b""))


CALLS: dict[Service, tuple[Callable[[Any], Iterator[Callable[[], object]]], type[TokenvaultError]]] = {
    "DynamoDB": (dynamodb_calls, StoreRefused),
    "KMS": (kms_calls, KeyRefused),
    "S3": (s3_calls, StoreRefused),
}


def raised(service: Service, error: Exception) -> list[TokenvaultError]:
    """What each call of a service raises when AWS answers so."""
    found = list[TokenvaultError]()
    for call in CALLS[service][0](Failing(error)):
        with pytest.raises(TokenvaultError) as caught:
            call()
        found.append(caught.value)
    return found


@pytest.mark.parametrize(
    ("service", "code"), [(name, code) for name in LASTING for code in sorted(LASTING[name])]
)
def test_what_lasts_is_refused(service: Service, code: str) -> None:
    """500, no word of a retry; AWS's code for the log alone, and nothing of AWS's text."""
    for error in raised(service, client_error(code, 400, SAID)):
        assert type(error) is CALLS[service][1]
        assert (error.status, error.retry) == (500, False)
        assert code in str(error)
        assert code not in error.detail
        assert service not in error.detail
        assert "arn:" not in str(error) + error.detail


@pytest.mark.parametrize("service", LASTING)
@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException", 400, SAID),
        client_error("KeyUnavailableException", 500, SAID),
        client_error("UnrecognizedClientException", 400, SAID),
        client_error("ExpiredTokenException", 400, SAID),
        client_error("SomethingNew", 400, SAID),
        client_error("InternalServerError", 500, SAID),
        TIMEOUT,
    ],
    ids=lambda error: str(error)[:60],
)
def test_what_passes_or_is_unknown_may_be_sent_again(service: Service, error: Exception) -> None:
    """503: a client that gives up in vain is worse than one that asks a few times more."""
    for found in raised(service, error):
        assert type(found) in {StoreUnavailable, KeyUnavailable}
        assert (found.status, found.retry) == (503, True)
        assert "arn:" not in str(found)


def test_nothing_that_botocore_tries_again_is_taken_for_lasting() -> None:
    """It knows the codes of throttling and of passing failures of every service."""
    again = {
        *ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
        *TransientRetryableChecker._TRANSIENT_ERROR_CODES,
    }
    assert "ThrottlingException" in again, "the test's own premise"
    assert not again & frozenset().union(*LASTING.values())


def test_whoever_waits_for_the_store_or_a_key_knows_what_lasts_too() -> None:
    """What is done where they fail is done where they refuse."""
    assert issubclass(StoreRefused, StoreUnavailable)
    assert issubclass(KeyRefused, KeyUnavailable)


def test_a_request_of_which_one_part_may_pass_is_worth_another_try() -> None:
    """Then the others are told apart, item by item; the first of a kind speaks for it."""
    lasting, other = StoreRefused("denied"), StoreRefused("no table")
    passing = StoreUnavailable("throttled")
    assert error_of_all([lasting, passing]) is passing
    assert error_of_all([lasting, other]) is lasting

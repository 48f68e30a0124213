"""How a step ends that does not succeed: to be mended, or tried again, and with no value in its text."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from tokenvault_client.bulk.errors import NotImportable, TooManyErrors
from tokenvault_client.errors import NotPermitted, Throttled, Unavailable

from bulklib.errors import Failed, Refused, translated

VALUE = "4111111111111111"


def of_aws(code: str) -> ClientError:
    """An answer of S3's that quotes what it was sent."""
    return ClientError({"Error": {"Code": code, "Message": VALUE}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (NotImportable("map: not TOML in UTF-8"), Refused, "map: not TOML in UTF-8"),
        (TooManyErrors("more than 3 cells"), Refused, "more than 3 cells"),
        (NotPermitted.of("not_permitted", "no"), Refused, "not_permitted: no"),
        (Throttled.of("throttled", "later"), Failed, "throttled: later"),
        (Unavailable.of("store_refused", "mend it"), Refused, "store_refused: mend it"),
        (of_aws("AccessDenied"), Refused, "PutObject: AccessDenied"),
        (of_aws("SlowDown"), Failed, "PutObject: SlowDown"),
        (EndpointConnectionError(endpoint_url=VALUE), Failed, "EndpointConnectionError"),
        (OSError(VALUE), Failed, "OSError"),
        (UnicodeDecodeError("utf-8", VALUE.encode(), 0, 1, VALUE), Failed, "unexpected UnicodeDecodeError"),
        (KeyError(VALUE), Failed, "unexpected KeyError"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_each_error_is_one_of_two(error: Exception, kind: type[Exception], text: str) -> None:
    """Step Functions knows them by their names; no retry follows where one would not help."""
    with pytest.raises((Refused, Failed)) as raised, translated():
        raise error
    assert (type(raised.value), str(raised.value)) == (kind, text)
    assert raised.value.__suppress_context__

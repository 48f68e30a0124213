"""How a step ends that does not succeed. Step Functions knows errors by the names of these classes.

The texts stand in the history of executions: they name fields, rules and codes, never a value.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from tokenvault_client.bulk.errors import NotImportable, TooManyErrors
from tokenvault_client.errors import ConfigurationError, ProblemError, VerificationError

_LASTING: Final = frozenset(
    {"AccessDenied", "AllAccessDisabled", "InvalidObjectState", "403", "NoSuchBucket"}
)


class Refused(Exception):
    """The file, its map or a permission has to be mended first: no retry would help."""


class NotExportable(Exception):
    """What is asked for, or what lies in the bucket, is no export. The text says what to mend."""


class Failed(Exception):
    """Something that may pass: the same step again may succeed."""


@contextmanager
def translated() -> Iterator[None]:
    """Whatever happens, as one of the two. Of what was not foreseen only the kind: its text may quote a row.

    Raises `Refused` or `Failed`.
    """
    try:
        yield
    except (NotImportable, TooManyErrors, NotExportable, ConfigurationError, VerificationError) as error:
        raise Refused(str(error)) from None
    except ProblemError as error:
        raise (Failed if error.retryable else Refused)(str(error)) from None
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise (Refused if code in _LASTING else Failed)(f"{error.operation_name}: {code}") from None
    except (BotoCoreError, OSError) as error:
        raise Failed(type(error).__name__) from None
    except Exception as error:  # noqa: BLE001  # the last line of defence: its text may quote a value
        raise Failed(f"unexpected {type(error).__name__}") from None

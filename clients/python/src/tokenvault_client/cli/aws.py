"""boto3 for the commands that look at an account, and what it raises as errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tokenvault_client.cli.credentials import credentials_hint
from tokenvault_client.cli.exits import UsageError
from tokenvault_client.errors import NotPermitted, Unavailable


@contextmanager
def aws() -> Iterator[Any]:
    """boto3, with what it raises as errors of ours; it finds credentials as AWS's tools do.

    Raises `UsageError` if boto3 or credentials are missing, `NotPermitted` and `Unavailable`.
    """
    try:
        import boto3  # noqa: PLC0415  # an extra that other commands do not need
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError:
        raise UsageError("this needs the package boto3: pip install boto3") from None
    try:
        yield boto3
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if hint := credentials_hint(code):
            raise UsageError(hint) from None
        kind = NotPermitted if "AccessDenied" in code else Unavailable
        raise kind.of("aws_failed", f"{error.operation_name} failed: {code}") from None
    except BotoCoreError as error:
        if hint := credentials_hint(type(error).__name__):
            raise UsageError(hint) from None
        raise Unavailable.of("aws_failed", f"AWS could not be asked: {type(error).__name__}") from None

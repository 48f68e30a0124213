"""What botocore raises, in words that quote nothing: its own messages can hold items and key material."""

from collections.abc import Mapping
from typing import Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

AWS_ERRORS: Final = (ClientError, BotoCoreError)
"""Everything that a call to AWS may raise: the service refused it, or it never got an answer."""

RETRY_HINT: Final = "the same request may be sent again"

Service = Literal["DynamoDB", "KMS", "S3"]

LASTING: Final[Mapping[Service, frozenset[str]]] = {
    # Those with "OK to retry? No", of the calls that are made here.
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    "DynamoDB": frozenset(
        {
            "AccessDeniedException",
            "IncompleteSignatureException",
            "MissingAuthenticationTokenException",
            "ResourceNotFoundException",
            "ValidationException",
        }
    ),
    # Those of the calls that are made here of which it is not said that the request can be retried.
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
    # https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
    "KMS": frozenset(
        {
            "AccessDeniedException",
            "DisabledException",
            "InvalidKeyUsageException",
            "KMSInvalidStateException",
            "NotFoundException",
            "UnsupportedOperationException",
            "ValidationException",
        }
    ),
    # What stands for a role, a bucket or a key that is set up wrong.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    "S3": frozenset(
        {
            "AccessDenied",
            "KMS.DisabledException",
            "KMS.KMSInvalidStateException",
            "KMS.NotFoundException",
            "NoSuchBucket",
        }
    ),
}
"""Codes that AWS answers again until somebody mends a role, a policy, a table, a bucket or a key.

A code that is not here passes by itself: were a passing one taken for lasting, clients would give up in vain.
So `UnrecognizedClientException` and `ExpiredTokenException` pass, which end with a container's credentials.
"""


def is_lasting(service: Service, error: Exception) -> bool:
    """Whether AWS will answer the same call alike until somebody mends what is wrong."""
    return isinstance(error, ClientError) and error_code(error) in LASTING[service]


def error_code(error: Exception) -> str:
    """The code that AWS gave an error; for botocore's own errors, the name of the class."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__


def explain(service: Service, error: Exception) -> str:
    """What went wrong with a call to a service, for callers and the log."""
    failure = "rejected the request" if isinstance(error, ClientError) else "did not answer"
    return f"{service} {failure} ({error_code(error)})"

"""What to do if AWS credentials are missing or have expired."""

from typing import Final

_LOG_IN: Final = "there is no login, or it has expired; `aws sso login` (with --profile NAME) renews it"

_ADVICE: Final = {
    "the profile that AWS_PROFILE names does not exist; `aws configure list-profiles` lists those that do": {
        "ProfileNotFound"
    },
    "none were found, or only a part of them; set AWS_PROFILE to a profile of the role that may do this, or "
    "log in with `aws sso login`": {"NoCredentialsError", "PartialCredentialsError"},
    _LOG_IN: {
        *("SSOTokenLoadError", "UnauthorizedSSOTokenError", "SSOError", "TokenRetrievalError"),
        *("CredentialRetrievalError", "LoginTokenLoadError", "LoginRefreshRequired", "LoginError"),
    },
    "they have expired, or AWS does not know them; log in again, with `aws sso login` for an SSO profile": {
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
    },
}
"""By names of botocore's errors, and codes with which AWS refuses credentials.
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html"""


def credentials_hint(failure: str) -> str | None:
    """The advice for a failure, if it is one of credentials. `failure` is an error's name or an AWS code."""
    for advice, failures in _ADVICE.items():
        if failure in failures:
            return f"AWS credentials: {advice} ({failure})"
    return None

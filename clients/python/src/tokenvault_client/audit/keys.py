"""The keys of chains, which the auditor's role unwraps through KMS."""

from collections.abc import Callable
from typing import Any, Final

Unwrap = Callable[[bytes, dict[str, str]], bytes]
"""The key that was wrapped for an encryption context. Raises `KeyRefused` if it was not; any other error,
such as a missing permission, says nothing of the chain and ends the check."""

LONGEST_WRAPPED: Final = 6144
"""What KMS takes. https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""

_NOT_OURS: Final = {"InvalidCiphertextException", "IncorrectKeyException"}
"""https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors"""


class KeyRefused(Exception):  # an answer of KMS, not a failure
    """KMS did not make this key for this chain."""


class KmsKeys:
    """Unwraps with a KMS key that is named, so that nobody's own key is taken for it."""

    def __init__(self, client: Any, key_arn: str) -> None:
        """`client` is boto3's for KMS, in the Region of the key."""
        self._client, self._key_arn = client, key_arn

    def __call__(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """`kms:Decrypt`; see `Unwrap`."""
        if not 1 <= len(wrapped) <= LONGEST_WRAPPED:
            raise KeyRefused
        request = {"KeyId": self._key_arn, "CiphertextBlob": wrapped, "EncryptionContext": context}
        try:
            return bytes(self._client.decrypt(**request)["Plaintext"])
        except Exception as error:
            # botocore's ClientError, known by what it carries: this library does without botocore.
            code = getattr(error, "response", {}).get("Error", {}).get("Code")
            if code in _NOT_OURS:
                raise KeyRefused from None
            raise

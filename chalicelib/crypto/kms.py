"""AWS KMS: the only module that talks to it."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from chalicelib.aws.errors import AWS_ERRORS, RETRY_HINT, error_code, explain, is_lasting
from chalicelib.errors import KeyRefused, KeyUnavailable, RecordCorrupt

P = ParamSpec("P")
T = TypeVar("T")

_NOT_OURS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
"""What KMS answers when a ciphertext was changed, or belongs to another encryption context.
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors"""

_BAD_SIGNATURE: Final = "KMSInvalidSignatureException"
"""KMS fails where a signature does not hold, and answers nothing; emulators answer that it does not.
https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html"""
_NO_SIGNATURE: Final = "a signature is not one of the vault's"


class KmsClient(Protocol):
    """The part of boto3's KMS client that is used here."""

    def encrypt(self, **request: Any) -> dict[str, Any]: ...
    def decrypt(self, **request: Any) -> dict[str, Any]: ...
    def generate_data_key_pair_without_plaintext(self, **request: Any) -> dict[str, Any]: ...
    def generate_data_key(self, **request: Any) -> dict[str, Any]: ...
    def generate_mac(self, **request: Any) -> dict[str, Any]: ...
    def sign(self, **request: Any) -> dict[str, Any]: ...
    def verify(self, **request: Any) -> dict[str, Any]: ...


class Kek:
    """One KMS key, by its ARN in this Region."""

    def __init__(self, client: KmsClient, arn: str) -> None:
        self._client, self._arn = client, arn

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """Decrypts what was wrapped under this key for this encryption context.

        The key is always named, so that a ciphertext made under another key is refused.
        """
        request: dict[str, Any] = {
            "KeyId": self._arn,
            "CiphertextBlob": wrapped,
            "EncryptionContext": context,
        }
        return bytes(_translate_errors(self._client.decrypt, **request)["Plaintext"])

    def wrap(self, plaintext: bytes, context: dict[str, str]) -> bytes:
        """Encrypts at most 4,096 bytes under this key for this encryption context."""
        request: dict[str, Any] = {"KeyId": self._arn, "Plaintext": plaintext, "EncryptionContext": context}
        return bytes(_translate_errors(self._client.encrypt, **request)["CiphertextBlob"])

    def make_key_pair(self, context: dict[str, str]) -> tuple[bytes, bytes]:
        """A new P-256 key pair: the public half as DER, and the private half wrapped.

        The private half is made inside KMS and leaves it only encrypted.
        https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
        """
        request: dict[str, Any] = {
            "KeyId": self._arn,
            "KeyPairSpec": "ECC_NIST_P256",
            "EncryptionContext": context,
        }
        made = _translate_errors(self._client.generate_data_key_pair_without_plaintext, **request)
        return bytes(made["PublicKey"]), bytes(made["PrivateKeyCiphertextBlob"])

    def make_data_key(self, context: dict[str, str]) -> tuple[bytes, bytes]:
        """A new 256-bit key: in plaintext, and wrapped for this encryption context.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
        """
        request: dict[str, Any] = {"KeyId": self._arn, "KeySpec": "AES_256", "EncryptionContext": context}
        made = _translate_errors(self._client.generate_data_key, **request)
        return bytes(made["Plaintext"]), bytes(made["CiphertextBlob"])


class MacKey:
    """The vault's HMAC key, which never leaves KMS."""

    def __init__(self, client: KmsClient, arn: str) -> None:
        self._client, self._arn = client, arn

    def generate(self, message: bytes) -> bytes:
        """HMAC-SHA-256 of at most 4,096 bytes.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
        """
        request: dict[str, Any] = {"KeyId": self._arn, "Message": message, "MacAlgorithm": "HMAC_SHA_256"}
        return bytes(_translate_errors(self._client.generate_mac, **request)["Mac"])


class SigningKey:
    """An asymmetric key whose private half never leaves KMS."""

    def __init__(self, client: KmsClient, arn: str) -> None:
        self._client, self.arn = client, arn

    def sign(self, message: bytes) -> bytes:
        """An ECDSA signature (P-256, SHA-256, DER) of a message of at most 4,096 bytes.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
        """
        return bytes(_translate_errors(self._client.sign, **self._request(message))["Signature"])

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raises `RecordCorrupt` unless `sign` made this signature of this message.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
        """
        request: dict[str, Any] = {**self._request(message), "Signature": signature}
        if _translate_errors(self._client.verify, **request).get("SignatureValid") is not True:
            raise RecordCorrupt(_NO_SIGNATURE)

    def _request(self, message: bytes) -> dict[str, Any]:
        return {
            "KeyId": self.arn,
            "Message": message,
            "MessageType": "RAW",
            "SigningAlgorithm": "ECDSA_SHA_256",
        }


def _translate_errors(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Makes one KMS call and translates its errors, whose messages and causes may quote key material.

    Raises `RecordCorrupt`, `KeyRefused` for what lasts, and `KeyUnavailable` for all else.
    """
    try:
        return call(*args, **kwargs)
    except AWS_ERRORS as error:
        if error_code(error) == _BAD_SIGNATURE:
            raise RecordCorrupt(_NO_SIGNATURE) from None
        if error_code(error) in _NOT_OURS:
            raise RecordCorrupt("a wrapped key does not belong where it stands") from None
        if is_lasting("KMS", error):
            raise KeyRefused(explain("KMS", error)) from None
        raise KeyUnavailable(f"{explain('KMS', error)}; {RETRY_HINT}") from None

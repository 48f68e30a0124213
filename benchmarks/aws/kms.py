"""KMS as far as the service and the sample use it. Nothing is encrypted: what is wrapped says under what."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_ACCOUNT: Final = "arn:aws:kms:us-east-1:123456789012:key"


class Kms:
    """Keys by name; ciphertexts say which key and context they are of, and are refused under others."""

    def __init__(self, error: Callable[..., Exception]) -> None:
        self._error = error
        self._made, self._pair = 0, ec.generate_private_key(ec.SECP256R1())

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer to a request's body."""
        return _OPERATIONS[operation](self, asked)

    def _create_key(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._made += 1
        return {"KeyMetadata": {"KeyId": f"key-{self._made}", "Arn": f"{_ACCOUNT}/key-{self._made}"}}

    def _encrypt(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "KeyId": asked["KeyId"],
            "CiphertextBlob": _wrapped(asked, base64.b64decode(asked["Plaintext"])),
        }

    def _decrypt(self, asked: dict[str, Any]) -> dict[str, Any]:
        blob = base64.b64decode(asked["CiphertextBlob"])
        key, context, plaintext = json.loads(blob)
        if context != asked.get("EncryptionContext", {}) or key != asked.get("KeyId", key):
            raise self._error("InvalidCiphertextException")
        return {"KeyId": key, "Plaintext": plaintext}

    def _generate_data_key(self, asked: dict[str, Any]) -> dict[str, Any]:
        key = os.urandom(asked.get("NumberOfBytes", 32))
        return {"KeyId": asked["KeyId"], "Plaintext": _text(key), "CiphertextBlob": _wrapped(asked, key)}

    def _generate_pair(self, asked: dict[str, Any]) -> dict[str, Any]:
        pair = ec.generate_private_key(ec.SECP256R1())
        private = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"PublicKey": _text(public), "PrivateKeyCiphertextBlob": _wrapped(asked, private)}

    def _generate_mac(self, asked: dict[str, Any]) -> dict[str, Any]:
        mac = hmac.digest(asked["KeyId"].encode(), base64.b64decode(asked["Message"]), hashlib.sha256)
        return {"KeyId": asked["KeyId"], "Mac": _text(mac), "MacAlgorithm": "HMAC_SHA_256"}

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        signature = self._pair.sign(base64.b64decode(asked["Message"]), ec.ECDSA(SHA256()))
        return {"KeyId": asked["KeyId"], "Signature": _text(signature), "SigningAlgorithm": "ECDSA_SHA_256"}


def _wrapped(asked: dict[str, Any], plaintext: bytes) -> str:
    sealed = [asked["KeyId"], asked.get("EncryptionContext", {}), _text(plaintext)]
    return _text(json.dumps(sealed).encode())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_OPERATIONS: Final = {
    "CreateKey": Kms._create_key,
    "Encrypt": Kms._encrypt,
    "Decrypt": Kms._decrypt,
    "GenerateDataKey": Kms._generate_data_key,
    "GenerateDataKeyPairWithoutPlaintext": Kms._generate_pair,
    "GenerateMac": Kms._generate_mac,
    "Sign": Kms._sign,
}

"""KMS data key pairs, which moto does not have.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from moto.kms.exceptions import ValidationException
from moto.kms.responses import KmsResponse

from local.emulator.patching import add

_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_MAKERS: Final[Mapping[str, Callable[[], _PrivateKey]]] = {
    "ECC_NIST_P256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ECC_NIST_P384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ECC_NIST_P521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ECC_SECG_P256K1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "RSA_2048": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "RSA_3072": lambda: rsa.generate_private_key(public_exponent=65537, key_size=3072),
    "RSA_4096": lambda: rsa.generate_private_key(public_exponent=65537, key_size=4096),
}


@add(KmsResponse, "generate_data_key_pair", why="moto has no data key pairs")
def _generate_data_key_pair(self: KmsResponse) -> str:
    key_id = self._get_param("KeyId")
    self._validate_key_id(key_id)
    spec = self._get_param("KeyPairSpec")
    private_key = _make(spec)
    plaintext = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # KMS encrypts the private half exactly as Encrypt would, so plain Decrypt with the same context opens it.
    ciphertext, arn = self.kms_backend.encrypt(key_id, plaintext, self._get_param("EncryptionContext") or {})
    return json.dumps(
        {
            "PrivateKeyCiphertextBlob": _base64(ciphertext),
            "PrivateKeyPlaintext": _base64(plaintext),
            "PublicKey": _base64(public),
            "KeyId": arn,
            "KeyPairSpec": spec,
        }
    )


@add(KmsResponse, "generate_data_key_pair_without_plaintext", why="moto has no data key pairs")
def _generate_data_key_pair_without_plaintext(self: Any) -> str:
    pair = json.loads(self.generate_data_key_pair())
    del pair["PrivateKeyPlaintext"]
    return json.dumps(pair)


def _make(spec: str) -> _PrivateKey:
    if spec not in _MAKERS:
        raise ValidationException(
            "1 validation error detected: Value at 'keyPairSpec' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {sorted(_MAKERS)}"
        )
    return _MAKERS[spec]()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

"""KMS data key pairs, which moto does not have: those of P-256, without the plaintext of the private half.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
"""

import base64
import json
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from moto.kms.exceptions import ValidationException
from moto.kms.responses import KmsResponse

from local.emulator.patching import add

_SPEC: Final = "ECC_NIST_P256"


@add(
    KmsResponse,
    "generate_data_key_pair_without_plaintext",
    why="moto has no data key pairs",
    seen_on="5.2.5",
)
def _generate_data_key_pair_without_plaintext(self: KmsResponse) -> str:
    key_id = self._get_param("KeyId")
    self._validate_key_id(key_id)
    if self._get_param("KeyPairSpec") != _SPEC:
        raise ValidationException(f"The emulator makes key pairs of the KeyPairSpec {_SPEC} only.")
    private_key = ec.generate_private_key(ec.SECP256R1())
    plaintext = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # KMS encrypts the private half exactly as Encrypt would, so plain Decrypt with the same context opens it.
    ciphertext, arn = self.kms_backend.encrypt(key_id, plaintext, self._get_param("EncryptionContext") or {})
    return json.dumps(
        {
            "PrivateKeyCiphertextBlob": _base64(ciphertext),
            "PublicKey": _base64(public),
            "KeyId": arn,
            "KeyPairSpec": _SPEC,
        }
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

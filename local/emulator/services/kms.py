"""KMS: what a key may be used for, who its ciphertexts belong to, and what it says about its rotation."""

import json
import struct
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.kms import models, policy_validator, utils
from moto.kms.exceptions import InvalidKeyUsageException, NotFoundException
from moto.kms.models import Key, KmsBackend
from moto.kms.responses import KmsResponse

from local.emulator.patching import Extra, replace_value, wrap

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_DEFAULT_ROTATION_DAYS: Final = 365
_KEY_ID_LENGTH: Final = len("mrk-" + "0" * 36)


class _NoPrivateKey:
    """Stands in for the asymmetric half that a symmetric or HMAC key does not have."""

    def __getattr__(self, name: str) -> Any:
        raise JsonRESTError("UnsupportedOperationException", "The key is not an asymmetric KMS key.")


@wrap(
    models,
    "generate_private_key",
    why="moto makes an RSA key for every symmetric key too: up to 0.2 s each, and GetPublicKey answers it",
    seen_on="5.2.5",
)
def _generate_private_key(original: Any, key_spec: str) -> Any:
    if key_spec == _SYMMETRIC or key_spec.startswith("HMAC_"):
        return _NoPrivateKey()
    return original(key_spec)


@wrap(
    KmsBackend,
    "create_key",
    why="moto leaves KeyUsage null when it is not given; KMS takes ENCRYPT_DECRYPT",
    seen_on="5.2.5",
)
def _create_key(
    original: Any, self: KmsBackend, policy: str | None, key_usage: str | None, *rest: Any, **named: Any
) -> Key:
    key: Key = original(self, policy, key_usage or "ENCRYPT_DECRYPT", *rest, **named)
    return key


@wrap(
    policy_validator,
    "check_statement",
    why="moto applies a Deny to every caller, whatever its Principal names and its Condition asks; "
    "here nobody has an identity to compare, so only a Deny for everybody counts",
    seen_on="5.2.5",
)
def _check_statement(original: Any, statement: dict[str, Any], *rest: Any) -> bool:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"}) and not statement.get("Condition")
    return everybody and bool(original(statement, *rest))


# --- ciphertexts --------------------------------------------------------------------------------------------

_HEADER_WHY: Final = (
    "moto's ciphertext header holds 36 bytes of key id, a multi-Region id has 40: AccessDenied"
)
replace_value(utils, "KEY_ID_LEN", _KEY_ID_LENGTH, why=_HEADER_WHY, seen_on="5.2.5")
replace_value(
    utils, "HEADER_LEN", _KEY_ID_LENGTH + utils.IV_LEN + utils.TAG_LEN, why=_HEADER_WHY, seen_on="5.2.5"
)
replace_value(
    utils,
    "CIPHERTEXT_HEADER_FORMAT",
    f">{_KEY_ID_LENGTH}s{utils.IV_LEN}s{utils.TAG_LEN}s",
    why=_HEADER_WHY,
    seen_on="5.2.5",
)


@wrap(
    utils,
    "_deserialize_ciphertext_blob",
    why=_HEADER_WHY + " (a shorter id is padded with zero bytes)",
    seen_on="5.2.5",
)
def _deserialize_ciphertext_blob(original: Any, ciphertext_blob: bytes) -> utils.Ciphertext:
    ciphertext: utils.Ciphertext = original(ciphertext_blob)
    return ciphertext._replace(key_id=ciphertext.key_id.rstrip("\0"))


@wrap(
    utils,
    "_serialize_encryption_context",
    why='moto joins names and values without a separator, so {"a": "bc"} opens what {"ab": "c"} closed',
    seen_on="5.2.5",
)
def _serialize_encryption_context(original: Any, encryption_context: dict[str, str]) -> bytes:
    return json.dumps(encryption_context or {}, sort_keys=True).encode("utf-8")


# --- what a key may be used for -----------------------------------------------------------------------------


def require_usable(key: Key, usage: str = "ENCRYPT_DECRYPT") -> None:
    """Refuse a key that is disabled, waiting for deletion or made for something else.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table
    """
    if key.key_state == "Disabled":
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state != "Enabled":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_usage != usage:
        raise InvalidKeyUsageException()


_STATE_WHY: Final = (
    "moto goes on using a key that is disabled or pending deletion, or made for something else"
)


@wrap(KmsBackend, "encrypt", why=_STATE_WHY, seen_on="5.2.5")
def _encrypt(original: Any, self: KmsBackend, key_id: str, *args: Any, **kwargs: Any) -> Any:
    require_usable(self.keys[self.any_id_to_key_id(key_id)])
    return original(self, key_id, *args, **kwargs)


@wrap(
    KmsBackend,
    "decrypt",
    why=_STATE_WHY + "; a wrong KeyId is IncorrectKeyException, not AccessDenied",
    seen_on="5.2.5",
)
def _decrypt(
    original: Any,
    self: KmsBackend,
    ciphertext_blob: bytes,
    encryption_context: dict[str, str],
    key_id: str | None = None,
) -> Any:
    key = _key_of_ciphertext(self, ciphertext_blob)
    if key is not None:
        if key_id is not None and self.any_id_to_key_id(key_id) != key.id:
            raise JsonRESTError(
                "IncorrectKeyException",
                "The key ID in the request does not identify the key of the ciphertext.",
            )
        require_usable(key)
    return original(self, ciphertext_blob, encryption_context, key_id)


def _key_of_ciphertext(backend: KmsBackend, ciphertext_blob: bytes) -> Key | None:
    try:
        return backend.keys.get(utils._deserialize_ciphertext_blob(ciphertext_blob).key_id)
    except (ValueError, struct.error):
        return None


@wrap(KmsBackend, "generate_mac", why=_STATE_WHY + "; the answer names the key by its ARN", seen_on="5.2.5")
def _generate_mac(original: Any, self: KmsBackend, *args: Any, **kwargs: Any) -> tuple[str, str, str]:
    key = self.keys[self.any_id_to_key_id(kwargs["key_id"])]
    require_usable(key, "GENERATE_VERIFY_MAC")
    mac, algorithm, _ = original(self, *args, **kwargs)
    return mac, algorithm, key.arn


@wrap(
    KmsResponse,
    "_validate_cmk_id",
    why="moto reads only the id of a key ARN, so the ARN of another Region's replica passes; KMS refuses it",
    seen_on="5.2.5",
)
def _validate_cmk_id(original: Any, self: KmsResponse, key_id: str) -> None:
    if key_id.startswith("arn:") and key_id.split(":")[3] != self.region:
        raise NotFoundException(f"Invalid arn {key_id.split(':')[3]}")
    original(self, key_id)


# --- rotation -----------------------------------------------------------------------------------------------

_rotation_days: Final = Extra[int]("rotation_days", lambda: _DEFAULT_ROTATION_DAYS)

_ROTATION_WHY: Final = "moto forgets RotationPeriodInDays, the provider reads 0 and plans a change for ever"


@wrap(KmsResponse, "enable_key_rotation", why=_ROTATION_WHY, seen_on="5.2.5")
def _enable_key_rotation(original: Any, self: KmsResponse) -> Any:
    answer = original(self)
    _rotation_days.put(
        _addressed_key(self), self._get_param("RotationPeriodInDays") or _DEFAULT_ROTATION_DAYS
    )
    return answer


@wrap(KmsResponse, "get_key_rotation_status", why=_ROTATION_WHY, seen_on="5.2.5")
def _get_key_rotation_status(original: Any, self: KmsResponse) -> str:
    status = json.loads(original(self))
    key = _addressed_key(self)
    status["KeyId"] = key.id
    if status["KeyRotationEnabled"]:
        status["RotationPeriodInDays"] = _rotation_days.of(key)
    return json.dumps(status)


def _addressed_key(response: KmsResponse) -> Key:
    backend = response.kms_backend
    return backend.keys[backend.any_id_to_key_id(response._get_param("KeyId"))]

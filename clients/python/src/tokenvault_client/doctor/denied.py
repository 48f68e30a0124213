"""What the caller may not do, whoever it is: unwrap the keys of values. Asked of KMS as a dry run.

With `DryRun` KMS decides and does nothing, and with `IGNORE_CIPHERTEXT` it wants no ciphertext, which nobody
outside the functions has: https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenvault_client.doctor.asking import AwsClients, refusal, refusal_code
from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok
from tokenvault_client.doctor.outputs import Outputs

_PURPOSES: Final = {"vault": "branch-key", "index": "tokenizing-bundle"}
"""The purpose in the encryption context that a key is used with (docs/sealing.md)."""

_ALLOWED: Final = "DryRunOperationException"
"""KMS's answer to a dry run that would have been carried out."""


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """`kms:Decrypt` with the keys that values depend on, as the functions ask it and without a context."""
    kms = clients("kms")
    for name, purpose in _PURPOSES.items():
        context = {"vault": stack.vault_id, "purpose": purpose}
        yield _decrypt(kms, f"key {name}: decrypt with context", stack.key_arns[name], context)
        yield _decrypt(kms, f"key {name}: decrypt without context", stack.key_arns[name], {})
    yield _decrypt(kms, "key audit: decrypt without context", stack.key_arns["audit"], {})


def _decrypt(kms: Any, check: str, arn: str, context: Mapping[str, str]) -> Finding:
    asked = {"KeyId": arn, "EncryptionContext": dict(context)}
    try:
        kms.decrypt(**asked, DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"])
    except Exception as error:
        code = refusal_code(error)
        if code == "AccessDeniedException":
            return ok(check, "denied to the caller")
        if code == _ALLOWED:
            return failed(check, "the caller may decrypt with it")
        if type(error).__name__ == "ParamValidationError":
            return not_checked(
                check, "this boto3 knows no DryRunModifiers; it needs one of March 2026 or later"
            )
        reason = refusal(error)
        if reason is None:
            raise
        return not_checked(check, reason)
    return not_checked(check, "the endpoint does not know DryRun: it answered as if it had decrypted")

"""Hands a Terraform plan from the job that made it to the job that applies it.

    python sealed_plan.py seal --key ARN --run ID --commit SHA PLAN SEALED     # prints a SHA-256
    python sealed_plan.py open --sha256 DIGEST --run ID --commit SHA SEALED PLAN

A plan holds every secret that state holds, and readers of a repository can download its runs' artifacts.
So the plan is sealed with AES-256-GCM under a data key of KMS, with run and commit as its context: only who
may decrypt with that KMS key opens it, and no plan of another run is taken for this one. The digest travels
as an output of the first job, which no other workflow can set, so a plan put in its place is refused
before it is opened. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSE: Final = "terraform-plan"
LENGTH_BYTES: Final = 2
NONCE_BYTES: Final = 12  # https://csrc.nist.gov/pubs/sp/800/38/d/final, 8.2.2; a data key seals one plan


class PlanRefusedError(Exception):
    """The sealed file is not the plan of this run. The message never says what is in it."""


def seal(kms: Any, key: str, context: dict[str, str], plan: bytes) -> bytes:
    """The plan under a fresh data key of the KMS key `key`, which goes with it, wrapped."""
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
    wrapped, nonce = made["CiphertextBlob"], os.urandom(NONCE_BYTES)
    sealed = AESGCM(made["Plaintext"]).encrypt(nonce, plan, _associated(context))
    return len(wrapped).to_bytes(LENGTH_BYTES, "big") + bytes(wrapped) + nonce + sealed


def unseal(kms: Any, sha256: str, context: dict[str, str], sealed: bytes) -> bytes:
    """The plan again. Raises `PlanRefusedError` for any other file, run or commit."""
    if hashlib.sha256(sealed).hexdigest() != sha256:
        raise PlanRefusedError("the sealed plan's SHA-256 is not the one that the planning job stated")
    start = LENGTH_BYTES + int.from_bytes(sealed[:LENGTH_BYTES], "big")
    wrapped, nonce = sealed[LENGTH_BYTES:start], sealed[start : start + NONCE_BYTES]
    try:
        key = kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"]
        return AESGCM(key).decrypt(nonce, sealed[start + NONCE_BYTES :], _associated(context))
    except ClientError as refused:
        code = refused.response["Error"]["Code"]
        raise PlanRefusedError(
            f"KMS does not unwrap the plan's key for this run and commit: {code}"
        ) from None
    except InvalidTag:
        raise PlanRefusedError("the sealed plan was changed, or is of another run or commit") from None


def context_of(run: str, commit: str) -> dict[str, str]:
    """The encryption context of a plan. KMS logs it; nothing in it is secret."""
    return {"purpose": PURPOSE, "run": run, "commit": commit}


def _associated(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Seals a plan, or opens what was sealed.")
    commands = parser.add_subparsers(required=True, dest="command")
    sealing, opening = commands.add_parser("seal"), commands.add_parser("open")
    sealing.add_argument("--key", required=True, help="ARN of the KMS key")
    opening.add_argument("--sha256", required=True, help="what `seal` printed")
    for command in (sealing, opening):
        command.add_argument("--run", required=True, help="id of the workflow's run")
        command.add_argument("--commit", required=True, help="the commit that is planned")
        command.add_argument("source", type=Path)
        command.add_argument("target", type=Path)
    return parser


def main() -> int:
    """Command line; 0 when the target is written."""
    chosen = _parser().parse_args()
    kms, context = boto3.client("kms"), context_of(chosen.run, chosen.commit)
    content = chosen.source.read_bytes()
    try:
        if chosen.command == "seal":
            written = seal(kms, chosen.key, context, content)
            print(hashlib.sha256(written).hexdigest())
        else:
            written = unseal(kms, chosen.sha256, context, content)
    except PlanRefusedError as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    _write(chosen.target, written)
    return 0


def _write(target: Path, content: bytes) -> None:
    """For this user only, from the first byte on."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    sys.exit(main())

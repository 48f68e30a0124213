"""What the caller may not do: decrypt with the keys that values depend on, asked as a dry run."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from tokenvault_client.doctor import denied, read_outputs

from tests.client.doctor import stacks

STACK = read_outputs(stacks.document(stacks.values()))


class Kms:
    """KMS, which answers every dry run alike and takes nothing else."""

    def __init__(self, answer: Exception | None) -> None:
        self.answer, self.asked = answer, []

    def decrypt(self, **request: Any) -> Any:
        assert request.pop("DryRun") is True
        assert request.pop("DryRunModifiers") == ["IGNORE_CIPHERTEXT"]
        self.asked.append((request["KeyId"].rpartition("-")[2], request["EncryptionContext"]))
        if self.answer is not None:
            raise self.answer
        return {"Plaintext": b"never looked at"}


def code(name: str) -> ClientError:
    return ClientError({"Error": {"Code": name, "Message": "no"}}, "Decrypt")


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (code("AccessDeniedException"), "ok", "denied to the caller"),
        (code("DryRunOperationException"), "failed", "the caller may decrypt with it"),
        (code("DisabledException"), "not_checked", "Decrypt answered DisabledException"),
        (ParamValidationError(report="x"), "not_checked", "this boto3 knows no DryRunModifiers"),
        (None, "not_checked", "the endpoint does not know DryRun"),
    ],
)
def test_a_dry_run_that_would_be_carried_out_is_the_fault(
    answer: Exception | None, state: str, detail: str
) -> None:
    """Denied is ok, allowed is a failure, and all else says nothing of what the caller may."""
    found = list(denied.check(lambda service: Kms(answer), STACK))
    assert {finding.state for finding in found} == {state}
    assert all(finding.detail.startswith(detail) for finding in found)


def test_it_is_asked_with_the_vaults_context_and_without() -> None:
    """A key policy that lets the caller in has a condition on the context, or none."""
    kms = Kms(code("AccessDeniedException"))
    assert len(list(denied.check(lambda service: kms, STACK))) == 5
    assert kms.asked == [
        ("vault", {"vault": "a-vault", "purpose": "branch-key"}),
        ("vault", {}),
        ("index", {"vault": "a-vault", "purpose": "tokenizing-bundle"}),
        ("index", {}),
        ("audit", {}),
    ]


def test_an_error_of_the_checks_own_comes_out() -> None:
    """It is not taken for an answer of KMS."""
    with pytest.raises(ZeroDivisionError):
        list(denied.check(lambda service: Kms(ZeroDivisionError()), STACK))

"""What emulators that `--endpoint` names do otherwise than AWS, test by test, and what is not for them."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from local.endpoint.address import recognized

OTHER_KEY: Final = (
    # AWS says IncorrectKeyException: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    "1.5.33: KMS decrypts with whichever key is named, to noise where the ciphertext is another key's"
)

OTHERWISE: Final[Mapping[str, Mapping[str, str]]] = {
    "MiniStack": {
        "tests/integration/test_gateway.py::test_a_client_gets_no_scope_that_is_not_its_own": (
            # https://www.rfc-editor.org/rfc/rfc6749#section-5.2; Cognito's own page names no error for it:
            # https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
            "1.5.33: a scope that the client does not have is invalid_grant, and not RFC 6749's invalid_scope"
        ),
        "tests/integration/test_people.py::test_a_renewed_access_token_allows_the_same": (
            # https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
            "1.5.33: the access token that a refresh token gives names no groups"
        ),
        "tests/functional/test_audit_verifying.py::test_another_kms_key_is_not_taken_for_ours": OTHER_KEY,
        "tests/functional/test_write_path_cannot_read.py::test_kms_does_not_unwrap_a_private_half_for_it": (
            OTHER_KEY
        ),
        "tests/functional/test_write_path_still_cannot_read.py::test_kms_gives_its_role_no_more": OTHER_KEY,
    },
}
"""By emulator, then by a test's name without its parameters. A test that passes after all fails the run."""

DIFFERS: Final = (AssertionError, pytest.fail.Exception)
"""What a difference shows as. Whatever else goes wrong is an error still."""

OURS_ALONE: Final = tuple(
    f"tests/integration/test_{name}.py"
    for name in ("dev", "first_tasks", "installed", "pages", "readme_calls")
)
"""Files whose tests start `make dev` or `tokenvault-dev`, which have an emulator of their own."""


def fit(items: list[pytest.Item], endpoint: str) -> list[pytest.Item]:
    """Marks what an emulator is known to do otherwise, and takes out of the items what it has no part in."""
    otherwise = OTHERWISE.get(recognized(endpoint).name, {})
    for item in items:
        if why := otherwise.get(item.nodeid.partition("[")[0]):
            item.add_marker(pytest.mark.xfail(reason=why, strict=True, raises=DIFFERS))
    apart = [item for item in items if _is_ours(item)]
    items[:] = [item for item in items if not _is_ours(item)]
    return apart


def _is_ours(item: Any) -> bool:
    parameters: Mapping[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    return item.nodeid.startswith(OURS_ALONE) or parameters.get("running") == "dev"

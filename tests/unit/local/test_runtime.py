"""What a function's container says of a handler that failed."""

from typing import NoReturn

import pytest

from chalicelib.errors import ConfigurationError, TokenvaultError
from local.runtime import Context, _answer


def _failing(error: Exception) -> str:
    def handler(event: object, context: object) -> NoReturn:
        raise error

    answer = _answer(handler, {"item": "4111111111111111"}, Context("maintain", 128, 29.0))
    return str(answer["error"])


def test_what_is_wrong_with_the_policy_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody mends a policy by the word ConfigurationError."""
    assert _failing(ConfigurationError(["type email: there is no such format"])) == "ConfigurationError"
    assert "type email: there is no such format" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ValueError("4111111111111111"), TokenvaultError("4111111111111111")])
def test_of_any_other_error_only_its_kind_is_said(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """Its text may quote the event."""
    _failing(error)
    assert capsys.readouterr().err == f"handler failed: {type(error).__name__}\n"

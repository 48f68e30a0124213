"""The outputs of a stack: read as Terraform prints them, and refused by name."""

import pytest
from tokenvault_client import ConfigurationError
from tokenvault_client.doctor import read_outputs

from tests.client.doctor import stacks


def test_outputs_are_read_without_the_clients_credentials() -> None:
    """Every output that the checks use, and none of the secrets beside them."""
    read = read_outputs(stacks.document(stacks.values()))
    assert read.tables["vault"] == "tv-vault"
    assert read.alarm_names == ("tv-errors", "tv-latency", "tv-page")
    assert read.account == stacks.ACCOUNT
    assert "a-secret-of-the-outputs" not in repr(read)


@pytest.mark.parametrize("name", stacks.values())
def test_what_is_missing_is_named(name: str) -> None:
    """A stack that was applied before the output came tells which one it lacks."""
    given = stacks.values()
    del given[name]
    with pytest.raises(ConfigurationError, match=f"^output {name} is missing$"):
        read_outputs(stacks.document(given))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", 7),
        ("url", ""),
        ("tables", {"vault": "tv-vault"}),
        ("key_arns", dict.fromkeys(stacks.values()["key_arns"], "no-arn")),
        ("function_names", {"tokenize": "tv-tokenize"}),
        ("reserved_concurrency", {"tokenize": "many"}),
        ("log_groups", {"access": "/logs/access"}),
        ("log_retention_days", True),
        ("alarm_names", []),
        ("deletion_protection", "yes"),
    ],
)
def test_what_is_misshapen_is_named_and_not_quoted(name: str, value: object) -> None:
    """The error says which output, and what it should be."""
    with pytest.raises(ConfigurationError, match=f"^output {name} is not ") as raised:
        read_outputs(stacks.document({**stacks.values(), name: value}))
    assert "no-arn" not in str(raised.value)
    assert "many" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '"text"'])
def test_another_document_is_refused_as_a_whole(text: str) -> None:
    """With what should have been given."""
    with pytest.raises(ConfigurationError, match="not what `terraform output -json` prints"):
        read_outputs(text)

"""What the example of production says beside its settings, where who copies it reads it."""

import re
from pathlib import Path
from typing import Final

from tests.infrastructure.production.example import EXAMPLE

TERRAFORM: Final = Path(__file__).resolve().parents[3] / "terraform"


def comment_of(setting: str) -> str:
    """The lines of comment right above a setting, as one."""
    text = (TERRAFORM / EXAMPLE).read_text()
    found = re.search(rf"((?:^# .*\n)+){setting} +=", text, re.MULTILINE)
    assert found is not None, f"nothing is said of {setting}"
    return " ".join(line.removeprefix("# ") for line in found[1].splitlines())


def test_what_is_reserved_says_what_the_account_needs() -> None:
    """A new account can reserve nothing: the figures are those of the example, and of what Lambda keeps."""
    text = (TERRAFORM / EXAMPLE).read_text()
    reserved = sum(map(int, re.findall(r"reserved = (\d+)", text)))
    [kept] = re.findall(r"unreserved_concurrency = (\d+)", (TERRAFORM / "quotas.tf").read_text())
    said = comment_of("concurrency")
    assert f"{reserved} in all, and Lambda keeps {kept} for others" in said
    assert f"needs {reserved + int(kept)} concurrent executions" in said
    assert "`check_quotas`" in said
    operations = (TERRAFORM.parent / "docs/operations.md").read_text()
    assert f"the example's {reserved} take {reserved + int(kept)}" in operations


def test_the_lowest_tls_is_told_of_the_address_that_it_is_of() -> None:
    """Behind mutual TLS clients meet the domain's, and the API's own address is closed."""
    assert "of the API's own address" in comment_of("api")
    assert "with it that address is closed" in comment_of("api")
    closes = (TERRAFORM / "modules/regional/edge_override.tf").read_text()
    assert "disable_execute_api_endpoint = var.domain != null" in closes
    [policy] = re.findall(r'security_policy += "(\w+)"', (TERRAFORM / "modules/edge/domain.tf").read_text())
    assert (policy, "Its lowest TLS is 1.2" in comment_of("domain")) == ("TLS_1_2", True)

"""The policies that the pages show: each loads as it stands, and is what the page says that it is."""

from pathlib import Path

import pytest

from chalicelib.formats import registry
from tests.support.shown_policies import shown_policy


def test_a_type_of_ones_own_takes_what_its_pattern_says(tmp_path: Path) -> None:
    """Beside a type that is named as its format is."""
    types = shown_policy("local.md", tmp_path)["types"]
    loyalty = registry.build(types["loyalty"]["format"], "loyalty", types["loyalty"]["options"])
    assert loyalty.canonicalize("12345678") == "12345678"
    assert types["card_number"]["format"] == "card_number"


@pytest.mark.parametrize("page", ["local.md", "bulk.md"])
def test_the_types_to_join_by_are_deterministic(page: str, tmp_path: Path) -> None:
    """Whoever pastes the policy has one token for a value."""
    assert shown_policy(page, tmp_path)["types"]["email"]["mode"] == "deterministic"


def test_each_type_of_the_page_about_whole_files_joins(tmp_path: Path) -> None:
    """Its query joins cards, and its map names e-mail addresses."""
    types = shown_policy("bulk.md", tmp_path)["types"]
    assert {name: said["mode"] for name, said in types.items()} == dict.fromkeys(
        ("card_number", "email"), "deterministic"
    )

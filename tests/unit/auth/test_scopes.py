"""Each action has a scope of its own, and those that open or destroy values are told apart."""

from chalicelib.auth.scopes import REVEALING_ACTIONS, REVEALING_SCOPES, scope
from chalicelib.model import ACTIONS


def test_each_action_has_a_scope_of_its_own() -> None:
    """No two actions share a scope; each is written as Cognito writes it."""
    assert len({scope(action) for action in ACTIONS}) == len(ACTIONS)
    assert scope("detokenize.masked") == "vault/detokenize.masked"


def test_what_reveals_or_erases_is_all_but_the_write_path() -> None:
    """The tokenizing function serves the others: a new action must be put on a side."""
    assert set(ACTIONS) - set(REVEALING_ACTIONS) == {"tokenize", "import", "capture", "search", "read"}
    assert {scope(action) for action in REVEALING_ACTIONS} == REVEALING_SCOPES

"""May this caller do this? Every question, for every set of grants."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.auth.permissions import require_action, require_fields, require_reveal, require_type
from chalicelib.caller import Caller
from chalicelib.errors import NotPermitted
from chalicelib.formats.base import FIELDS, Field
from chalicelib.model import ACTIONS, Action, RevealMode

PURPOSE = "refund"
ACTION_SETS = st.frozensets(st.sampled_from(ACTIONS))


def caller(actions: frozenset[Action] = frozenset(), types: frozenset[str] = frozenset()) -> Caller:
    return Caller("shop", "checkout", actions, types, frozenset({PURPOSE}))


@given(actions=ACTION_SETS, action=st.sampled_from(ACTIONS))
def test_an_action_is_permitted_if_and_only_if_it_is_granted(
    actions: frozenset[Action], action: Action
) -> None:
    """No action implies another here."""
    if action in actions:
        require_action(caller(actions), action)
    else:
        with pytest.raises(NotPermitted, match=f"may not {action}, or its access token lacks the scope"):
            require_action(caller(actions), action)


@given(types=st.frozensets(st.sampled_from(["a", "b", "c"])), name=st.sampled_from(["a", "b", "c", "A", ""]))
def test_a_type_is_permitted_if_and_only_if_it_is_granted(types: frozenset[str], name: str) -> None:
    """The error is the same for a type that exists and for one that does not."""
    if name in types:
        require_type(caller(types=types), name)
    else:
        with pytest.raises(NotPermitted) as refused:
            require_type(caller(types=types), name)
        assert refused.value.detail == "this client may not use this information type"


@given(
    actions=ACTION_SETS,
    mode=st.sampled_from(["full", "masked"]),
    purpose=st.sampled_from([None, PURPOSE, "marketing", "REFUND", ""]),
)
def test_a_reveal_needs_its_action_and_one_of_the_clients_purposes(
    actions: frozenset[Action], mode: RevealMode, purpose: str | None
) -> None:
    """In full: `detokenize` and a purpose. Masked: either reveal action; a purpose only if it is named."""
    enough = {"detokenize"} if mode == "full" else {"detokenize", "detokenize.masked"}
    purposes = {PURPOSE} if mode == "full" else {PURPOSE, None}
    if actions & enough and purpose in purposes:
        require_reveal(caller(actions), mode, purpose)
    else:
        with pytest.raises(NotPermitted) as refused:
            require_reveal(caller(actions), mode, purpose)
        assert not purpose or purpose not in refused.value.detail.split()


FIELD_SETS = st.frozensets(st.sampled_from(FIELDS), min_size=1)


@given(held=st.none() | FIELD_SETS, asked=st.none() | FIELD_SETS, mode=st.sampled_from(["full", "masked"]))
def test_a_client_held_to_fields_names_some_of_them(
    held: frozenset[Field] | None, asked: frozenset[Field] | None, mode: RevealMode
) -> None:
    """In full: never a whole value, and no other field. Masks are for whoever may have masks."""
    client = replace(caller(), fields=held)
    if mode == "masked" or held is None or (asked is not None and asked <= held):
        require_fields(client, mode, asked)
    else:
        with pytest.raises(NotPermitted):
            require_fields(client, mode, asked)


def test_the_action_is_looked_at_before_the_purpose() -> None:
    """A client that may not reveal learns nothing of which purposes would do."""
    refusals = set()
    for purpose in (None, PURPOSE, "marketing"):
        with pytest.raises(NotPermitted) as refused:
            require_reveal(caller(), "full", purpose)
        refusals.add(refused.value.detail)
    assert len(refusals) == 1

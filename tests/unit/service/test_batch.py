"""An item of a batch is one object from acceptance to answer, and never without a result in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidValue, StoreUnavailable, TokenvaultError
from chalicelib.formats import registry
from chalicelib.model import InfoType, RecordDraft, SubjectSecret, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.batch import BatchItem, accept, pending, subjects

TEXT = InfoType("text", registry.build("text", "text", {}))
FACTS = TokenFacts("text_1", "text", 1, None)
SECRET = SubjectSecret("p1", "0", Sensitive(bytes(32)))


def drafted(value: str, subject: str | None = None) -> RecordDraft:
    return RecordDraft("shop", TEXT, Sensitive(value), TEXT.format.space(value), 1, subject=subject)


def draft(value: str) -> RecordDraft:
    """A draft of a value; upper case is refused."""
    if value.isupper():
        raise InvalidValue("value: upper case")
    return drafted(value)


@given(values=st.lists(st.sampled_from(["a", "b", "B"]) | st.just(InvalidValue("unread"))))
def test_items_stand_in_the_order_of_the_request(values: list[str | InvalidValue]) -> None:
    """Each has its position, and is accepted or refused by itself."""
    batch = accept(values, draft)
    assert [item.position for item in batch] == list(range(len(values)))
    for value, item in zip(values, batch, strict=True):
        if isinstance(value, InvalidValue):
            assert item.result is value
        elif value.isupper():
            assert isinstance(item.result, InvalidValue)
        else:
            assert item.draft.value.reveal() == value
    assert pending(batch) == [item for item in batch if isinstance(item.accepted, RecordDraft)]


def test_a_store_that_fails_on_the_way_fails_the_request() -> None:
    """It is no item's fault."""

    def unavailable(value: str) -> RecordDraft:
        raise StoreUnavailable("x")

    with pytest.raises(StoreUnavailable):
        accept(["a"], unavailable)


def test_a_refused_item_has_its_result_and_no_draft() -> None:
    """Whoever works on it all the same gets its error."""
    error = InvalidValue("x")
    item = BatchItem(0, error)
    assert item.answer is error
    with pytest.raises(InvalidValue):
        _ = item.draft


def test_an_item_that_was_forgotten_is_a_bug() -> None:
    """The caller is not told that a value was taken in when nothing says so."""
    with pytest.raises(AssertionError):
        _ = BatchItem(0, drafted("a")).answer


@pytest.mark.parametrize("result", [FACTS, StoreUnavailable("x")])
def test_an_item_with_a_result_is_pending_no_longer(result: TokenFacts | TokenvaultError) -> None:
    """Success and failure alike."""
    item = BatchItem(0, drafted("a"))
    assert pending([item]) == [item]
    item.result = result
    assert pending([item]) == []
    assert item.answer is result


def test_a_value_of_a_subject_is_sealed_with_its_secret_only() -> None:
    """Bound, its record names the secret; unbound, it becomes no record at all."""
    item = BatchItem(0, drafted("a", "p1"))
    with pytest.raises(AssertionError):
        item.draft.with_token("text_1")
    item.bind(SECRET)
    assert item.draft.with_token("text_1").secret == SECRET


def test_the_subjects_of_a_batch_are_those_of_its_accepted_items() -> None:
    """Each once; a refused item belongs to nobody."""
    drafts = [drafted("a", "p1"), drafted("b"), drafted("c", "p2"), drafted("d", "p1"), InvalidValue("x")]
    assert subjects([BatchItem(n, accepted) for n, accepted in enumerate(drafts)]) == {"p1", "p2"}

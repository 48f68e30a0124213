"""One item of a batch of values: the same object from acceptance to answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.errors import InvalidValue, TokenvaultError
from chalicelib.model import RecordDraft, SubjectSecret
from chalicelib.service.results import Result, item_result

Item = TypeVar("Item")


@dataclass
class BatchItem:
    """A value at its `position` in a request: accepted as a draft or refused, and in the end its result.

    A refused item has its result from the start.
    """

    position: int
    accepted: RecordDraft | TokenvaultError
    result: Result | None = None

    def __post_init__(self) -> None:
        if isinstance(self.accepted, TokenvaultError):
            self.result = self.accepted

    @property
    def draft(self) -> RecordDraft:
        """What is to be written or looked for. Raises the error of a refused item."""
        if isinstance(self.accepted, TokenvaultError):
            raise self.accepted
        return self.accepted

    @property
    def answer(self) -> Result:
        """What the caller is told. Raises `AssertionError` if nothing became of the item, which is a bug."""
        if self.result is None:
            raise AssertionError("an item of the batch was left without a result")
        return self.result

    def bind(self, secret: SubjectSecret) -> None:
        """Has the value sealed with the secret of its subject. Raises the error of a refused item."""
        self.accepted = replace(self.draft, secret=secret)

    def bind_short_lived(self, secret: SubjectSecret) -> None:
        """Has the value sealed with a short-lived secret too. Raises the error of a refused item."""
        self.accepted = replace(self.draft, short_lived=secret)

    def bind_fingerprint(self, fingerprint: str) -> None:
        """Has the card's fingerprint go into record and answer. Raises the error of a refused item."""
        self.accepted = replace(self.draft, card=replace(self.draft.card, fingerprint=fingerprint))


Batch = Sequence[BatchItem]


def accept(items: Sequence[Item | InvalidValue], draft: Callable[[Item], RecordDraft]) -> list[BatchItem]:
    """Each item, accepted or refused, in order. An item that could not even be read comes as its error."""
    return [
        BatchItem(position, item if isinstance(item, InvalidValue) else item_result(draft, item))
        for position, item in enumerate(items)
    ]


def pending(batch: Batch) -> list[BatchItem]:
    """The items that have no result yet."""
    return [item for item in batch if item.result is None]


def subjects(batch: Batch) -> set[str]:
    """The subjects that the accepted items belong to."""
    drafts = (item.accepted for item in batch if isinstance(item.accepted, RecordDraft))
    return {draft.subject for draft in drafts if draft.subject is not None}

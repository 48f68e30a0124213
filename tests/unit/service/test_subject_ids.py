"""Ids of persons: what is taken in, and that whoever is known stays reachable."""

import pytest

from chalicelib.errors import InvalidValue
from chalicelib.service.subject_ids import known_subject, new_subject


@pytest.mark.parametrize("subject", ["4111.1111.1111.1111", "4111:1111:1111:1111", "501800000009"])
def test_what_once_was_taken_is_still_known(subject: str) -> None:
    """A subject that looks like a card by today's rules can be erased, and nothing new comes under it."""
    assert known_subject(subject) == subject
    with pytest.raises(InvalidValue, match="looks like a card number"):
        new_subject(subject)


@pytest.mark.parametrize(
    "subject", ["04654177-7571-43b0-80cd-76a80ff5cf57", "173000000000000005", "u4111111111111111", "person-1"]
)
def test_ids_are_taken(subject: str) -> None:
    """Ids that were refused by chance, and the way out that the error tells."""
    assert new_subject(subject) == known_subject(subject) == subject


@pytest.mark.parametrize("subject", ["", "-a", "a" * 65, "a@example.com", "a b", "\u0661"])
def test_other_text_is_refused(subject: str) -> None:
    """It stands in URLs and tables as it is."""
    for check in (new_subject, known_subject):
        with pytest.raises(InvalidValue, match="1 to 64 letters"):
            check(subject)

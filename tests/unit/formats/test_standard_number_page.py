"""The page about standard numbers says what the code does."""

from tests.support.standard_numbers_page import PAGE, page


def test_the_page_is_what_the_code_makes_of_it() -> None:
    """A change of a scheme without its page fails here; an upgrade that changes a token does, too."""
    assert PAGE.read_text() == page()

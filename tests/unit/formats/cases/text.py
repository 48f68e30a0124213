"""Texts: any string is its own spelling."""

from unicodedata import normalize

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, unchanged

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.integers(1, 1365).map(
    lambda length: "€" * length
)


def composed_or_not(text: str) -> Strategy:
    """The same text in either form."""
    return st.sampled_from([text, normalize("NFD", text)])


normal = texts.map(lambda text: normalize("NFC", text))
CASES = [
    Case("text", {"normalize": "NFC"}, normal, composed_or_not, lambda _: normal, tokens=unchanged),
    Case("text", {}, texts, st.just, lambda _: texts, tokens=unchanged),
    Case("text", {}, texts, st.just, lambda _: texts, tokens=unchanged, type_name="a" * 32),
]

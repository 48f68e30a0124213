"""Texts: any string is its own spelling."""

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, unchanged

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.integers(1, 1365).map(
    lambda length: "€" * length
)
CASES = [
    Case("text", {}, texts, st.just, lambda _: texts, tokens=unchanged),
    Case("text", {}, texts, st.just, lambda _: texts, tokens=unchanged, type_name="a" * 32),
]

"""JSON documents, as structures in which equal is equal: true is not 1, and 1.10 is 1.1."""

from decimal import Decimal

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, unchanged

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def number(coefficient: int, exponent: int) -> tuple[str, int, int]:
    """A number without zeros at its end."""
    while coefficient and coefficient % 10 == 0:
        coefficient, exponent = coefficient // 10, exponent + 1
    return "number", coefficient, exponent if coefficient else 0


numbers = st.builds(number, st.integers() | st.integers(-(10**60), 10**60), st.integers(-400, 400))
leaves = (
    st.just(("null",))
    | st.tuples(st.just("boolean"), st.booleans())
    | st.tuples(st.just("text"), texts)
    | numbers
    | st.builds(number, st.integers(-3, 3), st.integers(-1, 1))
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(st.just("array"), st.lists(inner, max_size=4).map(tuple))
        | st.tuples(
            st.just("object"), st.dictionaries(texts, inner, max_size=4).map(lambda d: frozenset(d.items()))
        )
    ),
    max_leaves=10,
)


@st.composite
def spell(draw: st.DrawFn, document):
    """Numbers with zeros at their end or with another exponent, names in any order."""
    match document:
        case ("null",):
            return None
        case ("array", inner):
            return [draw(spell(each)) for each in inner]
        case ("object", members):
            ordered = draw(st.permutations(sorted(members, key=lambda member: member[0])))
            return {name: draw(spell(each)) for name, each in ordered}
        case ("number", coefficient, exponent):
            return draw(spell_number(coefficient, exponent))
        case (_, value):
            return value


@st.composite
def spell_number(draw: st.DrawFn, coefficient: int, exponent: int) -> int | Decimal:
    """As a whole number where it is one, or as a decimal."""
    if exponent >= 0 and draw(st.booleans()):
        return coefficient * 10**exponent
    zeros = draw(st.integers(0, 3))
    return Decimal(f"{coefficient}{'0' * zeros}e{exponent - zeros}")


def anything(_: object) -> Strategy:
    """Any document: neither token nor mask says anything of it."""
    return documents


CASES = [Case("json", {}, documents, spell, anything, tokens=unchanged)]

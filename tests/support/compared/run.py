"""Both sides asked about every value, and their disagreements counted by kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from tests.support.compared import drawing, libraries
from tests.support.compared.kind import Difference, Kind, kind_of
from tests.support.compared.table import KINDS

Ask = Callable[[Iterable[tuple[str, str]]], list[str | None]]
"""What a library makes of each scheme and value."""


@cache
def built(name: str, scheme: str) -> TokenFormat:
    """The format under its own name, with no options except a scheme."""
    return registry.build(name, name, {"scheme": scheme} if scheme else {})


def ours(name: str, scheme: str, value: str) -> str | None:
    """The canonical form, or None where the value is refused."""
    try:
        return built(name, scheme).canonicalize(value)
    except InvalidValue:
        return None


def counted(library: str, npm: Path) -> tuple[int, Counter[str]]:
    """How many values were asked, and how many disagreements there are of each kind.

    Raises `AssertionError` for a disagreement of no kind, and for a kind that neither the values nor its own
    example show.
    """
    _, kinds = KINDS[library]
    drawn, found = list(_drawn(library)), Counter[str]()
    for difference in differences(library, drawn, npm):
        kind = kind_of(difference, kinds)
        assert kind, f"{library}: a disagreement of no kind: {difference!r}"
        found[kind.name] += 1
    unseen = {kind.name for kind in kinds} - found.keys()
    assert not unseen, f"{library}: no value shows {sorted(unseen)}"
    hold_examples(library, kinds, npm)
    return len(drawn), found


def differences(library: str, drawn: list[tuple[str, str]], npm: Path) -> Iterator[Difference]:
    """Where the two sides do not come to the same canonical form."""
    name, _ = KINDS[library]
    ask = _asker(library, npm)
    answers = zip(drawn, ask(drawn), strict=True)
    made = [
        Difference(value, our_form, their_form, scheme=scheme)
        for (scheme, value), their_form in answers
        if (our_form := ours(name, scheme, value)) != their_form
    ]
    again = ask([(it.scheme, it.ours or "") for it in made])
    for it, reread in zip(made, again, strict=True):
        settled = reread is not None if it.only_ours else it.only_theirs and _rereads(name, it)
        yield replace(it, respelled=settled)


def _rereads(name: str, it: Difference) -> bool:
    return ours(name, it.scheme, it.theirs or "") is not None


def hold_examples(library: str, kinds: tuple[Kind, ...], npm: Path) -> None:
    """Raises `AssertionError` where the two sides do not make of an example what the table says."""
    drawn = [(kind.example.scheme, kind.example.value) for kind in kinds]
    shown = list(differences(library, drawn, npm))
    wanted = [kind.example for kind in kinds]
    wrong = [pair for pair in zip(shown, wanted, strict=False) if pair[0] != pair[1]]
    assert shown == wanted, f"{library}: examples behave otherwise: {wrong or len(shown)}"
    for kind in kinds:
        assert kind_of(kind.example, kinds) is kind, (
            f"{library}: the example of {kind.name} is of another kind"
        )


def _drawn(library: str) -> Iterator[tuple[str, str]]:
    if library == "python-stdnum":
        yield from drawing.standard_numbers()
        return
    plain = {
        "schwifty": drawing.ibans,
        "email-validator": drawing.emails,
        "phonenumbers": drawing.phones,
        "card-validator": drawing.cards,
    }
    yield from (("", value) for value in plain[library]())


def _asker(library: str, npm: Path) -> Ask:
    if library == "card-validator":
        return lambda asked: libraries.card_validator([value for _, value in asked], npm)
    if library == "python-stdnum":
        return lambda asked: [libraries.python_stdnum(scheme, value) for scheme, value in asked]
    takes = {
        "schwifty": libraries.schwifty,
        "email-validator": libraries.email_validator,
        "phonenumbers": libraries.libphonenumber,
    }[library]
    return lambda asked: [takes(value) for _, value in asked]

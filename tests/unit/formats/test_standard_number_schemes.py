"""Every scheme of python-stdnum: what holds of all, on numbers met by walking from its example."""

import ast
import doctest
import pkgutil
import random
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import stdnum

from chalicelib.formats import registry
from chalicelib.formats.standard_number import StandardNumber, build
from chalicelib.formats.standard_numbers.corrections import OURS
from chalicelib.formats.standard_numbers.refused import REFUSED
from chalicelib.formats.standard_numbers.shape import resized
from chalicelib.formats.standard_numbers.table import TABLE
from tests.support.number_walk import taken, walk
from tests.support.standard_numbers_page import ADDED
from tests.unit.formats.cases.case import respelled

every_scheme = pytest.mark.parametrize("name", sorted(TABLE))

SLIM = Path(__file__).resolve().parents[3] / "terraform/packaging/slim.py"
STEPS = 30
PLACES = {"9": str.isdigit, "A": str.isalpha, "X": str.isalnum, "V": str.isalnum, "H": str.isalnum}
NO_TEXT = r"0|[0-9]+E[0-9]+$|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
"""What readers of tables change: leading zeros, numbers in scientific notation, dates."""

SIGNS = {"fi.hetu": "+-", "eu.eic": "-", "mx.rfc": "&\u00d1"}
"""Beside letters and digits, what some schemes have in their places."""


def built(name: str, **options: object) -> StandardNumber:
    """The format of a scheme."""
    return build("some-type", {"scheme": name, **options})


@cache
def met(name: str) -> list[str]:
    """Numbers of a scheme."""
    made = built(name)
    return walk(made, made.scheme.example, STEPS, name)


def modules() -> set[str]:
    """The modules of python-stdnum that have `compact` and `validate`."""
    names = {found.name for found in pkgutil.walk_packages(stdnum.__path__, "stdnum.") if not found.ispkg}
    return {
        name.removeprefix("stdnum.")
        for name in names
        if all(hasattr(import_module(name), function) for function in ("compact", "validate"))
    }


def test_every_scheme_is_held_or_refused_with_a_reason() -> None:
    """No module is forgotten, and an upgrade that brings a new one fails here."""
    assert modules() <= TABLE.keys() | REFUSED.keys()
    assert not TABLE.keys() & REFUSED.keys()
    assert TABLE.keys() - modules() == set(ADDED)


@every_scheme
def test_what_is_revealed_is_taken_again_and_has_its_shape(name: str) -> None:
    """Numbers are canonical for good, pass the check of their form, and have its letters and digits."""
    made = built(name)
    for number in met(name):
        assert made.canonicalize(made.present(number)) == number
        form = made.scheme.form(number)
        assert form.check is None or form.check.passes(number)
        for kind, sign in zip(str(resized(form.shape, len(number)))[:-1], number[:-1], strict=True):
            fits = PLACES[kind](sign) if kind in PLACES else kind.upper() == sign
            assert fits or sign in SIGNS.get(name, ""), (kind, sign)


@every_scheme
@pytest.mark.parametrize("keep_last", [0, 4])
def test_no_token_is_a_number(name: str, keep_last: int) -> None:
    """Neither for us nor for python-stdnum, in any spelling; nor does a spreadsheet read one as a number."""
    made, dice = built(name, keep_last=keep_last), random.Random(name)
    theirs = None if name in OURS else import_module(f"stdnum.{name}").is_valid
    numbers = met(name)
    for number in dice.sample(numbers, min(6, len(numbers))):
        space = made.space(number)
        assert space.size >= made.capacity().tokens
        points = {0, space.size - 1, *(dice.randrange(space.size) for _ in range(6))}
        tokens = {space.token_at(point) for point in points}
        assert len(tokens) == len(points)
        assert not made.recognizes(number)
        for token in tokens:
            assert made.recognizes(token)
            assert not re.match(NO_TEXT, token)
            assert re.fullmatch(r"[A-Za-z0-9._~-]{5,}", token)
            assert [spelled for spelled in respelled(token) if taken(made, spelled)] == []
            assert theirs is None or not theirs(token)


def examples(name: str) -> tuple[list[str], list[str]]:
    """The numbers that python-stdnum's documentation of a scheme takes, and those that it refuses."""
    taken_there, refused_there = [], []
    for example in doctest.DocTestParser().get_examples(import_module(f"stdnum.{name}").__doc__ or ""):
        call = ast.parse(example.source).body[0]
        match call:
            case ast.Expr(ast.Call(ast.Name("validate" | "is_valid"), [ast.Constant(str(spelled)), *_])):
                refuses = example.exc_msg is not None or example.want.strip() == "False"
                (refused_there if refuses else taken_there).append(spelled)
    return taken_there, refused_there


@every_scheme
def test_the_examples_of_python_stdnum_are_taken_and_given_back(name: str) -> None:
    """All numbers of its documentation; what comes back is python-stdnum's own canonical form, or ours."""
    if name in ADDED:
        return
    made, module = built(name), import_module(f"stdnum.{name}")
    for spelled in examples(name)[0]:
        canonical = made.canonicalize(spelled)
        assert made.canonicalize(canonical) == canonical
        assert taken(made, spelled.lower()) == canonical
        if name not in OTHERWISE:
            assert canonical == module.validate(spelled)


def test_the_examples_that_python_stdnum_refuses_are_refused() -> None:
    """Mistyped ones, other lengths, parts that do not exist; with a reason for each of the others."""
    found = {
        (name, spelled)
        for name in TABLE.keys() - set(ADDED)
        for spelled in examples(name)[1]
        if taken(built(name), spelled) is not None
    }
    assert found == TAKEN_HERE.keys()


def test_no_example_of_python_stdnum_is_passed_over() -> None:
    """As many as its documentation has, of every scheme except one that shows none that is a number."""
    counted = {name: examples(name) for name in TABLE.keys() - set(ADDED)}
    assert [name for name, (right, _) in counted.items() if not right] == ["mu.nid"]
    assert sum(len(right) for right, _ in counted.values()) == 346
    assert sum(len(wrong) for _, wrong in counted.values()) == 361


_SEPARATORS = "separators between other places mean nothing, and the number is the same without them"
TAKEN_HERE = {
    ("es.referenciacatastral", "7837301/VG8173B 0001 TT"): _SEPARATORS,
    ("us.atin", "1234-56789"): _SEPARATORS,
    ("us.ein", "911-14-4442"): _SEPARATORS,
    ("us.itin", "9129-03456"): _SEPARATORS,
    ("us.ssn", "1112-23333"): _SEPARATORS,
    (
        "mx.rfc",
        "VACE-460910-SX6",
    ): "refused there only with `validate_check_digits`: the SAT gave out numbers "
    "whose last digit is not computed so, which is why python-stdnum does not check it by itself either",
}
"""Examples that python-stdnum's documentation refuses and the product takes, and why."""

OTHERWISE = {
    "bic",
    "ch.vat",
    "imei",
    "isan",
    "isbn",
    "ismn",
    "iso9362",
    "nl.postcode",
    "ro.cf",
    "se.personnummer",
}
"""Schemes with another canonical form than python-stdnum's; `test_standard_number.py` says which."""


def test_a_scheme_imports_its_own_module_only() -> None:
    """A cold start pays for the schemes of its policy, and no scheme comes near the network or its tables."""
    code = (
        "import sys; from chalicelib.formats import registry;"
        "registry.build('standard_number', 't', {'scheme': 'ca.sin'});"
        "network = ('zeep', 'requests', 'stdnum.numdb');"
        "print(sorted(name for name in sys.modules if name.startswith('stdnum.') or name in network))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wanted = [f"stdnum.{name}" for name in ("ca", "ca.bn", "ca.sin", "exceptions", "luhn", "util")]
    assert shown.stdout.strip() == str(wanted)


def test_the_table_of_formats_imports_no_python_stdnum() -> None:
    """A policy without standard numbers pays nothing for them."""
    code = (
        "import sys; from chalicelib.formats import registry;"
        "[registry.build(name, 't', {}) for name in ('card_number', 'us_ssn', 'iban', 'text')];"
        "print([name for name in sys.modules if name.startswith('stdnum')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_no_scheme_opens_a_list_that_the_package_leaves_out() -> None:
    """What `slim.py` drops is never read: not when a policy loads, and not for an example."""
    code = (
        "from chalicelib.formats import registry;"
        "from chalicelib.formats.standard_numbers.table import TABLE;"
        "[registry.build('standard_number', 't', {'scheme': name}) for name in TABLE];"
        "from stdnum import numdb; print(sorted(numdb._open_databases))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    opened = {f"stdnum/{name}.dat" for name in ast.literal_eval(shown.stdout)}
    assert len(opened) > 5
    unread = next(
        ast.literal_eval(node.value)
        for node in ast.parse(SLIM.read_text()).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "UNREAD"
    )
    assert len(unread) > 3
    assert not opened & set(unread)


def test_the_format_is_in_the_table() -> None:
    """By its name."""
    assert registry.build("standard_number", "t", {"scheme": "lei"}).name == "standard_number"

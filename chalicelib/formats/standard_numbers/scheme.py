"""A scheme by its name: how its numbers are read, and what shapes they have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Final

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats.standard_numbers.check import Check, at_the_end, over_all
from chalicelib.formats.standard_numbers.reading import Reader, reader
from chalicelib.formats.standard_numbers.refused import REFUSED
from chalicelib.formats.standard_numbers.shape import resized
from chalicelib.formats.standard_numbers.table import FUNCTIONS, TABLE
from chalicelib.formats.standard_numbers.tokens import Form

PAGE: Final = "docs/standard-numbers.md"

_RUN: Final = re.compile(r"(.)\{([0-9]+)-([0-9]+)\}")
_CHECK: Final = re.compile(r"(.+)([/#])([0-9]+)")


@dataclass(frozen=True)
class Scheme:
    """A standard: `forms` are the shapes of its canonical numbers, `example` belongs to nobody."""

    name: str
    forms: tuple[Form, ...]
    example: str = field(repr=False)
    reader: Reader

    def form(self, canonical: str) -> Form:
        """The form of a number. Raises `InvalidValue` where it has none of them."""
        for form in self.forms:
            if resized(form.shape, len(canonical)):
                return form
        raise InvalidValue("has not the length of such a number")


@cache
def scheme(name: str) -> Scheme:
    """The scheme of this name; `in.` and `is.` may be written for `in_.` and `is_.`.

    Raises `ConfigurationError` with the reason if there is none of this name, or it cannot be used.
    """
    known = name.replace(".", "_.", 1) if name.startswith(("in.", "is.")) else name
    if known in REFUSED:
        raise ConfigurationError([f"option scheme: {name} cannot be used: {REFUSED[known]}"])
    if known not in TABLE:
        raise ConfigurationError([f"option scheme: there is no such scheme; {PAGE} lists them"])
    shapes, _, example = TABLE[known].rpartition(" ")
    return Scheme(known, tuple(_forms(known, shapes)), example, reader(known))


def _forms(name: str, shapes: str) -> Iterator[Form]:
    for written in shapes.split():
        shape, _, function = written.partition("=")
        check = _check(name, function) if function else None
        yield from (Form(length, check) for length in _lengths(shape))


def _lengths(shape: str) -> list[str]:
    """Of `9{2-7}A`: the shapes of each length."""
    run = _RUN.search(shape)
    if not run:
        return [shape]
    sign, least, most = run.groups()
    before, after = shape[: run.start()], shape[run.end() :]
    return [before + sign * count + after for count in range(int(least), int(most) + 1)]


def _check(name: str, written: str) -> Check:
    """Of `luhn/1` or `checksum#0`."""
    parts = _CHECK.fullmatch(written)
    if not parts:
        raise ValueError(f"{name} has a check that cannot be read")
    function, kind, number = parts.groups()
    module, _, attribute = FUNCTIONS.get(function, f"stdnum.{name}:{function}").partition(":")
    calculate = getattr(import_module(module), attribute)
    return at_the_end(calculate, int(number)) if kind == "/" else over_all(calculate, int(number))

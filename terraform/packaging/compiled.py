"""Compiles the modules of a zip to a second zip. Run by the Python that they are compiled for, as a script.

python -I -S compiled.py SOURCES COMPILED
"""

import importlib.util
import marshal
import sys
import zipfile
from collections.abc import Iterator
from types import CodeType
from typing import Any, Final

UNCHECKED = (1).to_bytes(4, "little")
"""A .pyc that is believed without a look at the source's time, which a zip does not keep: PEP 552."""

WITHOUT_MARKS: Final = 2 if marshal.version < 5 else marshal.version
"""The form of marshal in which nothing is shared. Python 3.14 has none, as its constants may be slices,
which need form 5 (https://docs.python.org/3.14/library/marshal.html). So only the pinned Python is steady."""


def main(sources: str, target: str) -> None:
    """Writes one .pyc for each entry. Raises `SyntaxError`."""
    with zipfile.ZipFile(sources) as given, zipfile.ZipFile(target, "w") as made:
        for name in given.namelist():
            # Named as Lambda looks for it, whatever optimization this interpreter was started with.
            made.writestr(
                importlib.util.cache_from_source(name, optimization=""), compiled(name, given.read(name))
            )


def compiled(name: str, source: bytes) -> bytes:
    """The .pyc of a module that will lie in Lambda's /var/task."""
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=0)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(source) + _steady(code)


def _steady(code: CodeType) -> bytes:
    """The code's bytes, whatever else this process holds.

    Marshal marks what has more than one reference. A name that some module of this process holds too has one
    more, so all are held here while they are written, and all are marked. Loaded from a form without marks,
    the code shares nothing with what compiling it left behind.
    """
    alone = marshal.loads(marshal.dumps(code, WITHOUT_MARKS))
    held = list(_within(alone))
    steady = marshal.dumps(alone)
    del held
    return steady


def _within(part: Any) -> Iterator[Any]:
    yield part
    if isinstance(part, CodeType):
        yield from (part.co_filename, part.co_name, part.co_qualname)
        for name in ("co_names", "co_varnames", "co_cellvars", "co_freevars", "co_consts"):
            yield from _within(getattr(part, name))
    elif isinstance(part, tuple | frozenset):
        for item in part:
            yield from _within(item)


if __name__ == "__main__":
    main(*sys.argv[1:])

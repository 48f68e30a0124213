"""Prints what a documentation generator or `help` shows of two packages; `test_signatures` reads it.

It runs in a process of its own, whose environment holds the marked secrets before anything is imported.
"""

import contextlib
import importlib
import inspect
import pkgutil
import pydoc
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

PACKAGES = ("tokenvault_client", "chalicelib")


def modules() -> Iterator[ModuleType]:
    """All modules of both packages."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def shown(thing: Any) -> Iterator[str]:
    """How a thing shows itself, its parts among it."""
    yield repr(thing)
    yield str(inspect.getdoc(thing))
    if callable(thing):
        with contextlib.suppress(TypeError, ValueError):  # some of the standard library's classes have none
            yield str(inspect.signature(thing))
    if isinstance(thing, FunctionType):
        yield repr((thing.__defaults__, thing.__kwdefaults__, thing.__annotations__))
    if inspect.isclass(thing) and thing.__module__.split(".")[0] in PACKAGES:
        for part in vars(thing).values():
            yield from shown(getattr(part, "__func__", part))
            yield from shown(part)


def main() -> None:
    """Walks over everything."""
    count = 0
    for module in modules():
        sys.stdout.write(f"{pydoc.plain(pydoc.render_doc(module))}\n")
        for thing in vars(module).values():
            if isinstance(thing, ModuleType) or thing is vars(module).get("__builtins__"):
                continue
            for text in shown(thing):
                count += 1
                sys.stdout.write(f"{text}\n")
    sys.stderr.write(f"{count}\n")


if __name__ == "__main__":
    main()

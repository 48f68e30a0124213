"""All cases of all formats."""

from importlib import import_module

from chalicelib.formats import registry

CASES = [
    case for name in registry.FORMATS for case in import_module(f"tests.unit.formats.cases.{name}").CASES
]

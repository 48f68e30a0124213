"""moto's API Gateway without the validator of OpenAPI documents, until there is a document to validate.

The validator brings pydantic and four libraries of schemas along: a third of what the emulator has to load,
and `make dev`, whose API is not imported into the emulator, never calls it. Seen on moto 5.2.5.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

_VALIDATOR: Final = "openapi_spec_validator"
_EXCEPTIONS: Final = f"{_VALIDATOR}.validation.exceptions"
_MODELS: Final = "moto.apigateway.models"


class _NoErrorYet(Exception):
    """Stands for a class of errors that is not loaded; never raised."""


def import_models() -> None:
    """Imports moto's models of API Gateway; does nothing where they, or the validator, are loaded already."""
    if _MODELS in sys.modules or _VALIDATOR in sys.modules:
        return
    standing_in = {
        _VALIDATOR: _module(_VALIDATOR, validate=_load_and_validate),
        f"{_VALIDATOR}.validation": _module(f"{_VALIDATOR}.validation"),
        _EXCEPTIONS: _module(_EXCEPTIONS, OpenAPIValidationError=_NoErrorYet),
    }
    sys.modules.update(standing_in)
    try:
        import_module(_MODELS)
    finally:
        for name in standing_in:
            del sys.modules[name]


def _module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(contents)
    return made


def _load_and_validate(document: Any) -> None:
    """What moto calls the first time; from then on it calls the validator itself, and knows its errors."""
    models: Any = import_module(_MODELS)
    models.OpenAPIValidationError = import_module(_EXCEPTIONS).OpenAPIValidationError
    models.validate = import_module(_VALIDATOR).validate
    models.validate(document)

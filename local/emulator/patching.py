"""How the emulator changes moto: each change is declared, with its reason, beside the function that makes it.

A patch that no longer fits moto fails at install, not in the middle of a `terraform apply`: `wrap` wants the
attribute to be there, `add` wants it to be missing. `seen_on` is the moto version that a patch was for:
with another version each is looked at again, and says so.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar


class PatchError(RuntimeError):
    """moto is not what a patch expects: the gap was closed, or the code was moved."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One change to moto: where it is, why it is needed, and the moto version on which the gap was seen."""

    where: str
    why: str
    seen_on: str


_patches: list[Patch] = []


def patches() -> tuple[Patch, ...]:
    """Every patch that was applied in this process, in order."""
    return tuple(_patches)


def wrap(owner: Any, name: str, *, why: str, seen_on: str) -> Callable[[Callable[..., Any]], Any]:
    """Replace `owner.name` by the decorated function, which gets the original as its first argument."""
    if not hasattr(owner, name):
        raise PatchError(f"{_place(owner, name)} is gone from moto; the patch was written because: {why}")
    original = getattr(owner, name)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def replacement(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        _apply(owner, name, replacement, why, seen_on)
        return replacement

    return decorate


def add(owner: Any, name: str, *, why: str, seen_on: str) -> Callable[[Callable[..., Any]], Any]:
    """Give `owner` the decorated function as `name`, which it must not have yet."""
    if hasattr(owner, name):
        raise PatchError(f"moto has {_place(owner, name)} now; the patch was written because: {why}")

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _apply(owner, name, function, why, seen_on)
        return function

    return decorate


def replace_value(owner: Any, name: str, value: Any, *, why: str, seen_on: str) -> None:
    """Set a constant or a class attribute of moto to another value."""
    if not hasattr(owner, name):
        raise PatchError(f"{_place(owner, name)} is gone from moto; the patch was written because: {why}")
    _apply(owner, name, value, why, seen_on)


def _apply(owner: Any, name: str, value: Any, why: str, seen_on: str) -> None:
    setattr(owner, name, value)
    _patches.append(Patch(_place(owner, name), why, seen_on))


def _place(owner: Any, name: str) -> str:
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}.{name}"
    return f"{owner.__name__}.{name}"


T = TypeVar("T")


class Extra(Generic[T]):
    """A fact about one of moto's objects for which moto has no attribute.

    It is kept in the object itself, so it is gone when moto resets, and a copy of the object has it too.
    """

    def __init__(self, name: str, make_default: Callable[[], T]) -> None:
        self._name = f"emulator_{name}"
        self._make_default = make_default

    def of(self, owner: Any) -> T:
        """The fact, made by the default when nobody stated it yet."""
        facts: dict[str, T] = owner.__dict__
        return facts.setdefault(self._name, self._make_default())

    def put(self, owner: Any, value: T) -> None:
        """State the fact."""
        owner.__dict__[self._name] = value

"""A wrapper that keeps a plaintext out of everything that prints, logs or serialises."""

from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Sensitive(Generic[T]):
    """Holds a value that must not leak by accident.

    `repr`, `str` and format strings show a placeholder; JSON encoders, pickle and copy refuse it.
    The only way to the value is `reveal()`, so that a search for that word finds every use.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Sensitive(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sensitive) and bool(self._value == other._value)

    # A hash of a card number in a set or a dictionary key can be reversed by trying them all.
    __hash__ = None  # type: ignore[assignment]  # typeshed has no way to declare "unhashable"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a sensitive value is not pickled or copied")

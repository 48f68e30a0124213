"""A disagreement about one value, and the kinds that disagreements are sorted into."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Difference:
    """What the two sides make of a value: its canonical form, or None where it is refused.

    `respelled` says that the side that refuses the value takes the other side's canonical form of it, so that
    only the spelling is in dispute. `scheme` is set for standard numbers only.
    """

    value: str
    ours: str | None
    theirs: str | None
    respelled: bool = False
    scheme: str = ""

    @property
    def only_ours(self) -> bool:
        """Taken by the product and refused by the library."""
        return self.ours is not None and self.theirs is None

    @property
    def only_theirs(self) -> bool:
        """Refused by the product and taken by the library."""
        return self.ours is None and self.theirs is not None

    @property
    def both(self) -> bool:
        """Taken by both, as different values."""
        return self.ours is not None and self.theirs is not None


@dataclass(frozen=True)
class Kind:
    """A kind of disagreement: `name` says it, `example` shows it, `right` and `standard` decide it.

    `holds` tells whether a difference is of this kind; the kinds of a library are asked in their order.
    """

    name: str
    example: Difference
    right: str
    standard: str
    holds: Callable[[Difference], bool] = field(repr=False)


def kind_of(difference: Difference, kinds: Iterable[Kind]) -> Kind | None:
    """The first kind that holds, or None where the table does not know it."""
    return next((kind for kind in kinds if kind.holds(difference)), None)

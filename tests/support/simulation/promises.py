"""What was asked, what was promised, and what says that a promise was broken."""

from dataclasses import dataclass, field


class Broken(AssertionError):
    """A promise was broken."""


def hold(promise: bool, broken: str) -> None:
    """Raises `Broken` unless it holds."""
    if not promise:
        raise Broken(broken)


@dataclass(frozen=True)
class OwnedValue:
    """A value, whose it is, of what type, and which PRF key its tokens are derived with, if they are."""

    type: str
    value: str
    subject: str | None
    prf_key: int = 1


@dataclass
class Erasures:
    """Who asked for the erasure of a token or a subject, and when; and where that was acknowledged."""

    asked: list[tuple[int, float]] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    """The moment of the first answer, by Region."""


@dataclass
class Promise:
    """What a caller was told of a token: by which request, and in which Regions."""

    owned: OwnedValue
    made_by: tuple[int, int]
    expires: float | None
    regions: dict[int, int] = field(default_factory=dict)
    """The moment of the first answer, by Region."""

    def was_made(self, region: int, since: "Since") -> bool:
        """Whether a Region had told somebody of it before this."""
        return region in self.regions and self.regions[region] < since.moment


@dataclass
class Asked:
    """A request to tokenize or to import, where it was sent and since when; its key is empty if it has none.

    Items to import have the token that they come with.
    """

    number: int
    region: int
    items: list[dict[str, str]]
    key: str
    sent: float
    tries: int = 0
    tokens: dict[int, str] = field(default_factory=dict)
    """By position, the token that was answered last."""

    @property
    def imports(self) -> bool:
        """Whether its values come with their tokens."""
        return "token" in self.items[0]


@dataclass(frozen=True)
class Since:
    """When a request began: a moment of the history, and a time."""

    moment: int
    time: float


NOBODY = Erasures()

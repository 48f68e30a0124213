"""Reading the options that a policy gives a format: every problem is collected, then raised as one."""

from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Options


class OptionReader:
    """Takes options by name; `close` raises `ConfigurationError` with all that was wrong.

    An option that was wrong reads as its default, so that the rest can still be looked at. Null is the
    same as absent: Terraform writes every optional attribute of an object, as null where it was not set.
    """

    def __init__(self, options: Options) -> None:
        self._left = {name: value for name, value in options.items() if value is not None}
        self._known: dict[str, None] = {}
        self._problems: list[str] = []

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self._take(name, default)
        # A Boolean is an int to Python, and `keep_last: true` is a mistake and not a 1.
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.problem(f"option {name} must be a whole number from {least} to {most}")
            return default
        return value

    def whole(self, name: str, default: int, choices: tuple[int, ...]) -> int:
        """One of a few whole numbers; the default cannot be asked for by name."""
        value = self._take(name, None)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value not in choices:
            self.problem(f"option {name} must be one of {', '.join(map(str, choices))}")
            return default
        return value

    def given(self, name: str) -> bool:
        """Whether the policy says anything of an option that was not taken yet."""
        self._known[name] = None
        return name in self._left

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            self.problem(f"option {name} must be true or false")
            return default
        return value

    def text(self, name: str, default: str) -> str:
        """A string."""
        value = self._take(name, default)
        if not isinstance(value, str):
            self.problem(f"option {name} must be a string")
            return default
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self._take(name, default)
        if not isinstance(value, str) or value not in choices:
            self.problem(f"option {name} must be one of {', '.join(choices)}")
            return default
        return value

    def problem(self, reason: str) -> None:
        """Notes a rule that the options break together."""
        self._problems.append(reason)

    def close(self) -> None:
        """Refuses what was wrong, and what no format asked for. Raises `ConfigurationError`.

        What no format asked for comes first: that another option is missing may follow from its name alone.
        """
        known = ", ".join(sorted(self._known)) or "none"
        unknown = [f"the format has no option {name}; it has {known}" for name in sorted(self._left)]
        if self._problems or unknown:
            raise ConfigurationError(unknown + self._problems)

    def _take(self, name: str, default: object) -> object:
        self._known[name] = None
        return self._left.pop(name, default)


def no_options(options: Options) -> None:
    """For formats that take none. Raises `ConfigurationError` where there are some."""
    OptionReader(options).close()

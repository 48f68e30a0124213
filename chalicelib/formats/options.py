"""Options of a format, as the policy spells them."""

from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Options


def read_options(options: Options, **known: tuple[int, int, int]) -> dict[str, int]:
    """Whole numbers by name, each with its least, its most and its default.

    Raises `ConfigurationError` with every problem: an option the format does not have, or a value outside.
    """
    problems = [f"has no option {name}" for name in sorted(set(options) - set(known))]
    read = {}
    for name, (least, most, default) in known.items():
        value = options.get(name, default)
        if type(value) is not int or not least <= value <= most:
            problems.append(f"{name} must be a whole number from {least} to {most}")
        else:
            read[name] = value
    if problems:
        raise ConfigurationError(problems)
    return read

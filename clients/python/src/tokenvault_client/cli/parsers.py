"""Parsers that repeat nothing of what they are given, and what every command has."""

import argparse
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

_CHOICES: Final = re.compile(r"(?s)invalid choice: .*\(choose from ([^()]*)\)$")
"""The last list of an argparse message: our own names, whatever stands in what was given."""


def _layout(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=24, width=100)


class Parser(argparse.ArgumentParser):
    """argparse repeats what it does not understand, and that may be a value given in the wrong place."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _layout, **options})

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What a command does not know, it says by its own usage: argparse shows the whole tool's."""
        chosen, unknown = self.parse_known_args(args, namespace)
        if unknown:
            getattr(chosen, "command", self).error(self._misplaced(unknown) or "unrecognized arguments")
        return chosen

    def _misplaced(self, unknown: Sequence[str]) -> str | None:
        """Names options that other commands have; None if anything else is among what is not known."""
        named = [text.partition("=")[0] for text in unknown]
        if not set(named) <= self._every_option():
            return None
        return f"not an option of this command, but of others: {', '.join(named)}"

    def _every_option(self) -> set[str]:
        """Of this parser and the commands below it."""
        options = set(self._option_string_actions)
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # argparse has no other way
                options.update(*(parser._every_option() for parser in action.choices.values()))
        return options

    def error(self, message: str) -> NoReturn:
        quoting = r"(?s)(unrecognized arguments|invalid choice|ignored explicit argument)\b.*"
        known = re.sub(quoting, rf"\1{self._where_values_come_from()}", message)
        choices = _CHOICES.search(message)
        super().error(f"{known}; the choices are {choices[1]}" if choices else known)

    def _where_values_come_from(self) -> str:
        """For who gave a value in the wrong place: of commands that take some, and of the whole tool."""
        takes_values = "--file" in self._option_string_actions or " " not in self.prog
        return " (values come from stdin or --file, never from the command line)" if takes_values else ""


def add_command(
    added: Any, name: str, run: Any, about: str, more: str | None = None
) -> argparse.ArgumentParser:
    """Adds a command that `run` does; `more` is its help's text, by default `about`."""
    made: argparse.ArgumentParser = added.add_parser(
        name, help=about, description=more or f"{about.capitalize()}."
    )
    made.add_argument("--json", action="store_true", help="JSON, one object a line")
    made.set_defaults(run=run, command=made)
    return made

"""What an argument has to be; an error says the rule, and repeats nothing of what was given."""

import argparse
import re


def an_id(text: str) -> str:
    """A token, or the id of a subject. A shell's variable that is not set makes an empty one."""
    if not text.strip("."):
        raise argparse.ArgumentTypeError("it cannot be empty or dots")
    return text


def seconds(text: str) -> int:
    """A time limit."""
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text):
        raise argparse.ArgumentTypeError("a whole number of seconds is needed")
    return int(text)


def pair(text: str) -> tuple[str, str]:
    """A fact of metadata, by its name."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("NAME=TEXT is needed")
    return name, value


def key(text: str) -> str:
    """An idempotency key, with room for what a run puts behind it."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{22,96}", text):
        raise argparse.ArgumentTypeError("22 to 96 of A-Z a-z 0-9 _ and - are needed")
    return text

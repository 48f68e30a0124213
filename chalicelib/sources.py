"""Where time and randomness come from: handed in, so that tests decide both."""

from collections.abc import Callable

Clock = Callable[[], float]
"""The time in seconds since the epoch."""

RandomBytes = Callable[[int], bytes]
"""So many random bytes, fit for keys: `secrets.token_bytes`."""

RandBelow = Callable[[int], int]
"""A uniformly random number from 0 up to, not including, the argument: `secrets.randbelow`."""

"""Random bytes from the kernel, in place."""

from io import FileIO
from typing import Final

from chalicelib.errors import KeyUnavailable

DEVICE: Final = "/dev/urandom"


def fill_from_kernel(buffer: bytearray) -> None:
    """Fills a buffer with the kernel's random bytes, in place.

    `os.urandom` and `secrets` hand out `bytes`, whose memory is freed as it is. The device is that of the
    kernel's generator, which is seeded long before a function starts (random(4)). Raises `KeyUnavailable`.
    """
    try:
        with FileIO(DEVICE) as device:
            given = device.readinto(buffer)
    except OSError:
        given = 0
    if given != len(buffer):
        raise KeyUnavailable("the kernel gave no random bytes; the same request may be sent again")

"""A process that forks before, between and inside requests, and tells every random thing that they drew.

Run as `python -m tests.support.forking`. Each line says what a request drew, in hex, or that it was refused.
"""

import os
import sys
from collections.abc import Callable

from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.request_secret import RequestSecret
from chalicelib.kernel_random import fill_from_kernel
from tests.support.keys import branch_key

KEY = branch_key().tokenizing


def say(what: str, content: str) -> None:
    os.write(sys.stdout.fileno(), f"{what} {content}\n".encode())


def fill(buffer: bytearray) -> None:
    fill_from_kernel(buffer)
    say("S", buffer.hex())


def random_bytes(count: int) -> bytes:
    drawn = os.urandom(count)
    say("salt", drawn.hex())
    return drawn


def seal(secret: RequestSecret) -> None:
    try:
        secret.seal(RecordContext(KEY.context, "text", "token"), b"")
    except AssertionError:
        say("refused", str(os.getpid()))


def request() -> RequestSecret:
    secret = RequestSecret(KEY, fill, random_bytes)
    seal(secret)
    return secret


def on_both_sides(work: Callable[[], object]) -> None:
    """Does this in a child and then here."""
    child = os.fork()
    work()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    on_both_sides(lambda: request().close())
    request().close()
    on_both_sides(lambda: request().close())
    open_request = request()
    on_both_sides(lambda: seal(open_request))
    open_request.close()


if __name__ == "__main__":
    main()

"""The HTTP side of moto's server, made quick and quiet."""

from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler


class QuietHandler(MotoRequestHandler):
    """Writes no access log, and sends answers at once."""

    # An answer goes out as two small writes; with Nagle's algorithm the second waits for the client's delayed
    # acknowledgement of the first.
    disable_nagle_algorithm = True

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """A line a request would bury the errors, which are still written."""

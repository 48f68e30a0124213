"""Ctrl-C, `kill` and a closed terminal, as one interruption: what comes after it must not stop tidying."""

import signal
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Raises `KeyboardInterrupt` for the first of the signals, and never again.

    A signal that the process was started to ignore (`nohup`) stays ignored. Tidying begins by setting `over`,
    as it may begin for another reason than a signal.
    """

    def __init__(self) -> None:
        self.over = False
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._tell)

    def _tell(self, number: int, frame: FrameType | None) -> None:
        # Nothing is called in between, so no second signal is taken in between.
        if self.over:
            return
        self.over = True
        raise KeyboardInterrupt

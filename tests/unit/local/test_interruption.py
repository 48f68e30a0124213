"""One signal interrupts; what comes after it, while things are tidied, does not."""

import os
import signal

import pytest

from local.interruption import Interruption

pytestmark = pytest.mark.usefixtures("signals_as_by_hand")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_interrupts_and_the_others_do_not(number: signal.Signals) -> None:
    """Whichever of them."""
    Interruption()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    for other in SIGNALS:
        os.kill(os.getpid(), other)


def test_tidying_that_began_for_another_reason_is_not_interrupted() -> None:
    """Such as a pipe that nobody reads."""
    interruption = Interruption()
    interruption.over = True
    for number in SIGNALS:
        os.kill(os.getpid(), number)


def test_what_was_ignored_stays_ignored() -> None:
    """A process under `nohup` outlives its terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Interruption()
    os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

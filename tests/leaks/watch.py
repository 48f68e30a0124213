"""The sentinel, a marked value, and an account in which every trace of it is seen."""

from dataclasses import dataclass, field
from io import StringIO

from tests.support.faults import dumps
from tests.support.world import TABLES, Answer, World

# A valid test card number and a text: any trace of either is a leak.
CARD = "5105105105105100"
TEXT = "sentinel-7b1f0c9e-bird"
TRACES = (CARD, CARD[:12], CARD[2:14], "51051051", TEXT, "7b1f0c9e")
SPACED = "5105 1051"


@dataclass
class Watch:
    """An account, and everything that was printed or logged in it."""

    account: World
    printed: StringIO
    logged: StringIO
    answers: list[Answer] = field(default_factory=list)

    def sees_no_sentinel(self, *, in_answers: bool = True) -> None:
        """Fails if a trace of the sentinel is in a log line, in the output, in a raw item or in an answer."""
        seen = {"log": self.logged.getvalue(), "output": self.printed.getvalue()}
        seen |= {table: dumps(self.account.items(table)) for table in TABLES}
        if in_answers:
            seen["answers"] = "".join(answer.raw.body.decode() + repr(answer.raw) for answer in self.answers)
        for where, content in seen.items():
            assert not [trace for trace in (*TRACES, SPACED) if trace in content], where
        assert '"message":"request"' in self.logged.getvalue(), "nothing was logged, so nothing was proved"
        assert "CloudWatchMetrics" in self.logged.getvalue(), "no metric was logged, so nothing was proved"

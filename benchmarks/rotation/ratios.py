"""A page of a rotation beside the requests of callers, in turns."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

from benchmarks import cases
from benchmarks.account import Account
from benchmarks.aws.session import StubbedAws
from benchmarks.measuring import Case, Samples, interleaved, median
from benchmarks.rotation.stored import store
from benchmarks.rotation.walking import Walking
from chalicelib.vault.walks import PAGE_RECORDS

PAGE: Final = "rotation: a page"
ASKED: Final = {size: (f"tokenize opaque, {size}", f"detokenize found, {size}") for size in (1, cases.BATCH)}
"""What a record sealed again is beside: a value taken in and a value shown, by items of a request."""


def measured(rounds: int) -> dict[str, Any]:
    """Microseconds of a record by case, and the ratios to one of each, by items of a request."""
    aws = StubbedAws()
    with (
        tempfile.TemporaryDirectory() as folder,
        aws.installed(),
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
    ):
        account = store(aws, Path(folder), (rounds + 2) * PAGE_RECORDS)
        samples = interleaved(aws, beside(account), rounds)
    return {
        "cpu_us": {name: round(median(each) * 1e6, 1) for name, each in samples.items()},
        "ratios": {str(size): round(_ratio(samples, names), 2) for size, names in ASKED.items()},
    }


def beside(account: Account) -> list[Case]:
    """A page of records, and the requests."""
    walking = Walking({name: account.env(name) for name in ("maintain", "reveal")})
    page = Case(PAGE, lambda: None, lambda _: walking.page(), _whole, PAGE_RECORDS)
    wanted = {name for names in ASKED.values() for name in names}
    asked = [*cases.tokenizing(account), *cases.detokenizing(account)]
    return [page, *(case for case in asked if case.name in wanted)]


def _whole(became: dict[str, int]) -> None:
    if became.get("moved") != PAGE_RECORDS:
        raise ValueError(became)


def _ratio(samples: Samples, names: Sequence[str]) -> float:
    """The median over the rounds, as of all ratios here."""
    sums = [sum(spent) for spent in zip(*(samples[name] for name in names), strict=True)]
    return median([spent / both for spent, both in zip(samples[PAGE], sums, strict=True)])

"""`python -m benchmarks`: measures everything, prints it, and writes it where it is shown."""

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import cases, cold, counting, dev, package, pictures, prices, report, scaling
from benchmarks.account import CREDENTIALS, Account, detokenize_event, results, tokenize_event
from benchmarks.aws.session import StubbedAws
from benchmarks.aws.sizes import item_bytes
from benchmarks.floor import Floor
from benchmarks.measuring import Case, interleaved, machine, median, ratio
from tests.support.world import REGION

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
ROUNDS: Final = int(os.environ.get("ROUNDS", "60"))


def main() -> None:
    """Command line."""
    os.environ |= CREDENTIALS
    started = time.monotonic()
    measured = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "rounds": ROUNDS,
    } | _measured()
    (HERE / "results.json").write_text(json.dumps(measured, indent=1) + "\n")
    (HERE / "cpu.svg").write_text(pictures.cpu(measured))
    (HERE / "cost.svg").write_text(pictures.cost(measured))
    for page, text in ((ROOT / "README.md", report.block), (ROOT / "docs/performance.md", report.whole)):
        page.write_text(report.replaced(page.read_text(), text(measured)))
    sys.stdout.write(f"{report.whole(measured)}\n\nmeasured in {time.monotonic() - started:.0f} s\n")


def _measured() -> dict[str, Any]:
    aws = StubbedAws()
    with tempfile.TemporaryDirectory() as name, aws.installed():
        scratch = Path(name)
        _say("packaging ...")
        zipped = package.built(scratch)
        # The functions' own lines go nowhere, as they would go to CloudWatch: written, and not waited for.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            account = Account(aws)
            floor, like = _floor(account)
            _say("operations ...")
            operations = _operations(account, floor)
            stored = _record_bytes(account)
            _say("cold starts ...")
            started = cold.measured(account, scratch / "unzipped", scratch, rounds=max(5, ROUNDS // 6))
            _say("`tokenvault-dev` ...")
            up = dev.measured(rounds=max(5, ROUNDS // 12))
            _say("scaling ...")
            scaled = {
                "records": scaling.by_records(account, floor, like, ROUNDS * 3),
                "value_bytes": scaling.by_value(account, floor, ROUNDS * 3),
            }
        return {
            "operations": operations,
            "cold": started,
            "dev": up,
            "package": package.sizes(zipped),
            "scaling": scaled,
            "record_bytes": stored,
            "prices": prices.assumed(),
        }


def _floor(account: Account) -> tuple[Floor, dict[str, Any]]:
    """The floors, with a record and an audit item as the service makes them; and the record as stored."""
    [made] = results(account.handler("tokenize")(tokenize_event("opaque", ["a value of some length"])))
    results(account.handler("reveal")(detokenize_event([made["token"]])))
    [event] = [item for item in account.aws.dynamodb.items("audit") if item["action"]["S"] == "detokenize"]
    [like] = account.aws.dynamodb.items("vault")
    return Floor(REGION, account.stored(made["token"]), event), like


def _operations(account: Account, floor: Floor) -> dict[str, Any]:
    chosen = [
        *cases.floors(floor),
        *cases.tokenizing(account),
        *cases.of_subjects(account),
        *cases.keyed(account),
        *cases.detokenizing(account),
        *cases.sampled(account),
    ]
    samples = interleaved(account.aws, chosen, ROUNDS)
    rows: dict[str, Any] = {}
    for case in chosen:
        seconds = median(samples[case.name])
        rows[case.name] = {"cpu_us": round(seconds * 1e6, 1)}
        if not case.name.startswith("floor"):
            base = _base(case)
            rows[case.name] |= {"floor": base, "ratio": round(ratio(samples, case.name, base), 2)}
            rows[case.name] |= counting.counted(account.aws, case, seconds)
    return rows


def _base(case: Case) -> str:
    if case.operations > 1:
        return "floor: put_item"
    return "floor: detokenize" if "detokenize" in case.name else "floor: tokenize"


def _record_bytes(account: Account) -> dict[str, float]:
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for item in account.aws.dynamodb.items("vault"):
        sizes[item["type"]["S"]].append(item_bytes(item))
    return {name: round(_mean(each)) for name, each in sorted(sizes.items())}


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()

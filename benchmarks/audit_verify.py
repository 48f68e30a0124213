"""How long a million audit events take to verify, and how much memory: `make audit-bench`.

The events are made by the code that makes them in the service: a thousand containers at once, whose events
go to ten tenants, each in a file of its own, as DynamoDB's exports have partitions one after the other.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenvault_client.audit import Progress, read_files, verify

from chalicelib.audit.chain import Chain, canonical
from chalicelib.audit.events import AuditEvent, AuditOutcome
from chalicelib.audit.items import to_item

TENANTS = 10
VAULT_ID = "bench"


def write(folder: Path, events: int, containers: int) -> None:
    """Files of events, one a tenant. The wrapped key is the key itself: KMS is not what is measured."""
    chains = [_chain(number) for number in range(containers)]
    with ExitStack() as open_files:
        files = [
            open_files.enter_context((folder / f"{tenant}.json").open("wb")) for tenant in range(TENANTS)
        ]
        for number in range(events):
            chain, tenant = chains[number % containers], number % (TENANTS + 1) % TENANTS
            place = f"{chain.chain_id}#{chain.sequence}"
            item = to_item(_event(number, tenant), 1767225600 + number / 100, place)
            files[tenant].write(b'{"Item":' + canonical(chain.link(item)) + b"}\n")


def measure(folder: Path) -> None:
    """Verifies the files and says what it took."""
    files = sorted(folder.iterdir())
    size = sum(file.stat().st_size for file in files)
    before = _resident()
    started, cpu = time.perf_counter(), time.process_time()
    report = verify(
        read_files(files), vault_id=VAULT_ID, unwrap=lambda wrapped, context: wrapped, progress=_show
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    sys.stderr.write("\n")
    if set(report.counts) - {"uncovered"}:  # nobody makes checkpoints here
        raise SystemExit(str(report.findings[0]))
    result = {
        "events": report.events,
        "chains": report.chains,
        "input_mb": round(size / 1e6),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "resident_mb_before": round(before),
        "peak_resident_mb": round(_resident()),
    }
    sys.stdout.write(json.dumps(result) + "\n")


def _chain(number: int) -> Chain:
    key = number.to_bytes(32, "big")
    opening = {"function": {"S": "reveal"}, "region": {"S": "eu-central-1"}, "wrapped_key": {"B": key}}
    return Chain(f"{number:032x}", key, opening)


def _event(number: int, tenant: int) -> AuditEvent:
    outcome = AuditOutcome("revealed", f"text_{number:032x}", "text")
    name, request_id = f"tenant-{tenant}", f"{number:036x}"
    return AuditEvent(name, "settlement", "detokenize", request_id, "refund", outcomes=(outcome,))


def _resident() -> float:
    """The most memory that this process has had, in MB (Linux counts in KB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _show(progress: Progress) -> None:
    sys.stderr.write(f"\r{progress.stage} {progress.done} {progress.total or ''}    ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--containers", type=int, default=1_000)
    parser.add_argument("--write", type=Path, help="only write the files, into this folder")
    given = parser.parse_args()
    if given.write:
        write(given.write, given.events, given.containers)
        return
    with TemporaryDirectory() as made:
        # In a process of its own, so that its memory is not counted.
        sizes = ["--events", str(given.events), "--containers", str(given.containers)]
        subprocess.run([sys.executable, "-m", "benchmarks.audit_verify", "--write", made, *sizes], check=True)
        measure(Path(made))


if __name__ == "__main__":
    main()

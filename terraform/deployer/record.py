"""Records which calls the provider makes for each type of resource, and writes them to `calls.json`.

    python terraform/deployer/record.py

The example of production is applied to an emulator, planned again, changed and destroyed, and the provider's
own log says which call it made for which type. An emulator answers calls, and does not choose them: they are
those of AWS.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))

from local.processes import free_port  # noqa: E402  # the checkout is no installed package
from local.stack import Stack, StackPaths  # noqa: E402
from local.terraform import Terraform  # noqa: E402

# What the example leaves out: imports over S3, of Parquet too, and rotations on schedule.
BESIDES_THE_EXAMPLE: Final = (
    '-var=bulk={client="shop/checkout",parquet=true}',
    "-var=rotation={every_days=365}",
)

EXAMPLE: Final = (
    "-var-file=environments/production.tfvars",
    "-var=deletion_protection=false",
    "-var=manage_api_gateway_account=false",
    *BESIDES_THE_EXAMPLE,
)

# A second apply that changes limits, retention, memory. What the emulator cannot change (tags of a user
# pool, a backup plan) stands in `besides.py`.
CHANGES: Final = (
    "-var=log_retention_days=731",
    "-var=key_cache_seconds=200",
    "-var=memory_mb={tokenize=1536}",
    "-var=access_token_minutes=10",
    "-var=api={requests_per_second=900,burst=1800}",
    '-var=firewall={requests_per_address=9000,blocked_cidrs=["198.51.100.0/24"]}',
)

Calls = dict[str, dict[str, list[str]]]
"""Type of a resource (`data.` before that of a data source), `read` or `write`, and the calls as
service:operation."""

START: Final = re.compile(r"\d{4}-\d\d-\d\dT\S+ \[")
PHASES: Final = {"ReadResource": "read", "ReadDataSource": "read", "ApplyResourceChange": "write"}


def made(log: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Type, phase and call of each answer in the provider's log (`TF_LOG_PROVIDER=DEBUG`)."""
    for record in _records(log):
        if "HTTP Response Received" in record[:300]:
            kind, source = _field(record, "tf_resource_type"), _field(record, "tf_data_source_type")
            phase = PHASES.get(_field(record, "tf_rpc"))
            if phase and (kind or source):
                call = f"{_field(record, 'rpc.service')}:{_field(record, 'rpc.method')}"
                yield kind or f"data.{source}", phase, call


def _records(log: Iterable[str]) -> Iterator[str]:
    """The log's records: a body of an answer may take several lines, and fields follow it."""
    record: list[str] = []
    for line in log:
        if START.match(line) and record:
            yield "".join(record)
            record = []
        record.append(line)
    yield "".join(record)


def _field(record: str, name: str) -> str:
    found = re.search(rf'(?:^|\s){re.escape(name)}=("[^"]*"|\S+)', record)
    return found[1].strip('"') if found else ""


def collected(calls: Iterable[tuple[str, str, str]]) -> Calls:
    """The same by type and phase, each call once, sorted."""
    found: dict[str, dict[str, set[str]]] = {}
    for kind, phase, call in calls:
        found.setdefault(kind, {}).setdefault(phase, set()).add(call)
    return {
        kind: {phase: sorted(found[kind][phase]) for phase in sorted(found[kind])} for kind in sorted(found)
    }


def recording(stack: Stack, log: Path) -> Terraform:
    """Terraform on the stack's working copy, whose provider says in `log` what it calls."""
    environment = {**stack.account.environment, "TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(log)}
    return Terraform(stack.places.state, environment, print)


def logged(terraform: Terraform, log: Path, command: str, *options: str) -> list[tuple[str, str, str]]:
    """Runs a Terraform command, and says what the provider called meanwhile."""
    terraform.run(command, *options)
    return calls_of(log)


def calls_of(log: Path) -> list[tuple[str, str, str]]:
    """The calls in the provider's log, which is taken away, so that the next command begins a new one."""
    with log.open(errors="replace") as lines:
        calls = list(made(lines))
    log.unlink()
    return calls


def record() -> Calls:
    """Applies, plans, changes and destroys the example on an emulator of its own."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(StackPaths(Path(folder), free_port(), free_port()), print)
        log = Path(folder) / "provider.log"
        commands = [
            ("apply", "-auto-approve", *EXAMPLE),
            ("plan", *EXAMPLE),
            ("apply", "-auto-approve", *EXAMPLE, *CHANGES),
            ("destroy", "-auto-approve", *EXAMPLE, *CHANGES),
        ]
        try:
            stack.prepare()
            terraform = recording(stack, log)
            calls = [call for command in commands for call in logged(terraform, log, *command)]
        finally:
            stack.stop()
    return collected(calls)


def main() -> int:
    """Writes what was recorded."""
    (FOLDER / "calls.json").write_text(json.dumps(record(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

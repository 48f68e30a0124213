"""The state machine of exports of the module `bulk`, run by moto's interpreter over its real functions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from bulklib import export_functions
from tests.support.bulk_exports import PIECE_BYTES, BulkExports, answer
from tests.support.bulk_machine import (
    MODULE,
    Deployed,
    Handler,
    environment,
    quick_retry,
    run_functions,
)
from tests.support.state_machines import rendered, run_state_machines
from tests.support.world import World


class Context:
    """What Lambda tells a function of its time; `seconds` may be changed."""

    seconds = 900.0

    def get_remaining_time_in_millis(self) -> float:
        """As Lambda names it."""
        return self.seconds * 1000


class BulkExportMachine(BulkExports, Deployed):
    """The bucket with the state machine of exports."""

    def __init__(self, account: World) -> None:
        BulkExports.__init__(self, account)
        self.context = Context()
        handlers: dict[str, Handler] = {
            "carry": lambda event: export_functions.carry(event, self.context),
            "give-out": self._give_out,
        }
        values = {
            "partition": "aws",
            "carry": f"{self.bucket}-carry",
            "parallel_parts": 2,
            "retry": quick_retry(),
        }
        Deployed.__init__(self, self.bucket, handlers, rendered(MODULE / "export_machine.json", values))

    def _give_out(self, event: Mapping[str, Any]) -> Any:
        return answer(self.account, dict(event))


@contextmanager
def bulk_export_machine(account: World) -> Iterator[BulkExportMachine]:
    """The machine in an account, as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        run_state_machines(patch)
        made = BulkExportMachine(account)
        run_functions(patch, made)
        given = environment(made.objects, made.bucket)
        given |= {
            "TOKENVAULT_BULK_FUNCTION": f"{made.bucket}-give-out",
            "TOKENVAULT_BULK_UNDER_WAY_PREFIX": "under-way/",
        }
        for name, value in given.items():
            patch.setenv(name, value)
        defaults = dict(export_functions.Carrier.__init__.__kwdefaults__ or {})
        patch.setattr(
            "bulklib.export_carrying.Carrier.__init__.__kwdefaults__",
            defaults | {"piece_bytes": PIECE_BYTES, "sleep": lambda seconds: None},
        )
        for name in ("_objects", "_exports", "_files", "_carrier"):
            getattr(export_functions, name).cache_clear()
        yield made

"""An account with the module `bulk`'s bucket and its steps of exports, over the real service."""

import io
import json
import uuid
from collections.abc import Callable
from typing import Any

from bulklib.export_carrying import Carried, Carrier
from bulklib.export_files import ExportFiles
from bulklib.export_job import ExportJob
from bulklib.export_vault import InvokedExports
from chalicelib.api import direct
from tests.support.bulk_account import BulkAccount
from tests.support.exports import opened_parts, pem
from tests.support.world import World

PIECE_BYTES = 3000
"""So few that a part of a few pages has several pieces."""

Fault = Callable[[int, dict[str, Any]], BaseException | dict[str, Any] | None]


class FakeGivingOut:
    """Lambda, as far as the function that gives pages out is invoked, which the real service answers.

    `fault` may meet a call before its work, `lost` after it.
    """

    def __init__(self, account: World, address: str) -> None:
        self._account, self._address = account, address
        self.events = list[dict[str, Any]]()
        self.fault: Fault = lambda number, event: None
        self.lost: Fault = lambda number, event: None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # boto3's names
        """The function's answer, or a fault."""
        event = json.loads(Payload)
        self.events.append(event)
        met = self.fault(len(self.events), event)
        answered = answer(self._account, event, self._address) if met is None else None
        met = met or self.lost(len(self.events), event)
        if isinstance(met, BaseException):
            raise met
        return met or {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answered).encode())}


def answer(account: World, event: dict[str, Any], address: str = "shop/mover") -> dict[str, Any]:
    """What the function answers."""
    service = account.services["reveal"]
    return direct.answer(
        event, "r", lambda: direct.serving(service, address, direct.OUT), account.telemetry, direct.OUT
    )


def said(status: int, code: str, **more: Any) -> dict[str, Any]:
    """An answer of the function that is a problem document."""
    body = json.dumps({"code": code, "detail": "no", "status": status, **more})
    document = {"status": status, "content_type": "application/problem+json", "body": body}
    return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(document).encode())}


class BulkExports(BulkAccount):
    """The steps of an export, each as its function carries it out."""

    def __init__(self, account: World, address: str = "shop/mover") -> None:
        super().__init__(account)
        self.giving, self.slept = FakeGivingOut(account, address), list[float]()
        self.exports = InvokedExports(self.giving, "give-out")
        self.steps = ExportFiles(self.objects, self.exports, "under-way/", "out/exports/")
        self.left = 900.0

    def begin(self, execution: str | None = None, **changed: Any) -> ExportJob:
        """Begins, by an execution of that name."""
        asked = {"recipient": pem(), "purpose": "moving", "parts": 2, **changed}
        job = self.steps.begin(asked, execution or f"run-{uuid.uuid4()}")
        return ExportJob.of(json.loads(json.dumps(job.document())))

    def run(self, job: ExportJob, number: int, left: Callable[[], float] | None = None) -> Carried:
        """One run of the function for a part."""
        carrier = Carrier(
            self.objects, self.exports, patience=5.0, piece_bytes=PIECE_BYTES, sleep=self.slept.append
        )
        return carrier.carry(job, number, left or (lambda: self.left))

    def carry(self, job: ExportJob, *numbers: int) -> None:
        """Runs until these parts, or all, are there."""
        for number in numbers or job.numbers:
            while not self.run(job, number).done:
                pass

    def lines(self, job: ExportJob, number: int) -> list[str]:
        """The file of a part."""
        return self.get(job.file(number)).decode().splitlines()

    def opened(self, job: ExportJob) -> list[Any]:
        """What the files hold, by the second reader."""
        return opened_parts(self.account, [self.lines(job, number) for number in job.numbers])

    def pages(self) -> int:
        """How many pages were asked for."""
        return sum(event["operation"] == "export_page" for event in self.giving.events)

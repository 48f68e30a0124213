"""The handler of the function that carries exports, and its composition root.

It holds no key of the vault: what it carries is sealed to the recipient before it comes here.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config

from bulklib.export_carrying import Carried, Carrier
from bulklib.export_files import ExportFiles
from bulklib.export_job import ExportJob
from bulklib.export_vault import InvokedExports
from bulklib.objects import Objects
from bulklib.watched import watched

_ANSWER_SECONDS: Final = 45
"""Longer than the timeout of the function that gives pages out, and the ten seconds that it has to begin."""


def carry(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """A step of an export; `event["step"]` says which. Raises `Refused` or `Failed`."""
    step, job = event["step"], event.get("job", {})
    facts = {"place": job.get("place"), "number": event.get("part")}
    with watched(f"export_{step}", facts) as counted:
        if step == "begin":
            begun = _files().begin(event["input"], event["execution"])
            return {"job": begun.document(), "parts": begun.numbers}
        if step == "finish":
            return _files().finish(ExportJob.of(job))
        carried = _carrier().carry(
            ExportJob.of(job), event["part"], lambda: context.get_remaining_time_in_millis() / 1000
        )
        counted.update(_metrics(carried))
        return {"done": carried.done, "wait": carried.wait}


def _metrics(carried: Carried) -> dict[str, float]:
    if carried.done:
        return {"BulkExportedParts": 1}
    return {
        "BulkExported": carried.tokens,
        "BulkExportFailed": carried.failed,
        "BulkExportPages": carried.pages,
        "BulkExportWalked": carried.walked,
    }


@lru_cache(maxsize=1)
def _objects() -> Objects:
    retries = Config(retries={"total_max_attempts": 6, "mode": "standard"}, max_pool_connections=64)
    s3 = boto3.client("s3", config=retries)
    names = ("BUCKET", "ACCOUNT", "KMS_KEY_ARN")
    return Objects(s3, *(os.environ[f"TOKENVAULT_BULK_{name}"] for name in names))


@lru_cache(maxsize=1)
def _exports() -> InvokedExports:
    once = Config(retries={"total_max_attempts": 1}, read_timeout=_ANSWER_SECONDS)
    return InvokedExports(boto3.client("lambda", config=once), os.environ["TOKENVAULT_BULK_FUNCTION"])


@lru_cache(maxsize=1)
def _files() -> ExportFiles:
    under_way, out = (os.environ[f"TOKENVAULT_BULK_{name}_PREFIX"] for name in ("UNDER_WAY", "OUTPUT"))
    return ExportFiles(_objects(), _exports(), under_way, f"{out}exports/")


@lru_cache(maxsize=1)
def _carrier() -> Carrier:
    return Carrier(_objects(), _exports())

"""The handlers of the two functions that imports have of their own, and their composition root.

`files` looks at whole files, `part` takes parts in. Only the second may reach the vault.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config

from bulklib.files import Files
from bulklib.job import Job
from bulklib.objects import Objects
from bulklib.planning import Part, Segment
from bulklib.taking import PartTaker
from bulklib.vault import InvokedVault
from bulklib.watched import watched

_PATIENCE: Final = 240.0
"""Seconds that a part waits for a vault that carries out nothing; then Step Functions tries again, later."""

_ANSWER_SECONDS: Final = 45
"""Longer than the timeout of the function that takes batches in, and the ten seconds that it has to begin."""


def files(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """A step that looks at a whole file; `event["step"]` says which. Raises `Refused` or `Failed`."""
    with watched(event["step"], _facts(event)):
        steps = _files()
        if event["step"] == "lay_out":
            return steps.lay_out(event["input"])
        job = Job.of(event["job"])
        if event["step"] == "scan":
            steps.scan(job, Segment(**event["segment"]))
            return {}
        if event["step"] == "plan":
            return {"parts": steps.plan(job, event["segments"])}
        return steps.finish(job)


def part(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Takes a part in. Raises `Refused` or `Failed`."""
    with watched("part", _facts(event)) as counted:
        counts = _taker().take(Job.of(event["job"]), Part(**event["part"]))
        counted["BulkParts"] = 1
        for name, count in asdict(counts).items() if counts else ():
            counted[_METRICS[name]] = count
    return {}


_METRICS: Final = {"rows": "BulkRows", "values": "BulkValues", "bad_cells": "BulkBadCells"}


def _facts(event: Mapping[str, Any]) -> dict[str, Any]:
    """What a step's line says besides."""
    about = event.get("part") or event.get("segment") or {}
    return {"place": event.get("job", {}).get("place"), "number": about.get("number")}


@lru_cache(maxsize=1)
def _objects() -> Objects:
    retries = Config(retries={"total_max_attempts": 6, "mode": "standard"}, max_pool_connections=64)
    s3 = boto3.client("s3", config=retries)
    names = ("BUCKET", "ACCOUNT", "KMS_KEY_ARN")
    return Objects(s3, *(os.environ[f"TOKENVAULT_BULK_{name}"] for name in names))


@lru_cache(maxsize=1)
def _files() -> Files:
    within, out = (os.environ[f"TOKENVAULT_BULK_{name}_PREFIX"] for name in ("INPUT", "OUTPUT"))
    return Files(_objects(), os.environ["TOKENVAULT_BULK_CLIENT"], within, out)


@lru_cache(maxsize=1)
def _taker() -> PartTaker:
    parallel = int(os.environ["TOKENVAULT_BULK_PARALLEL"])
    once = Config(
        retries={"total_max_attempts": 1}, read_timeout=_ANSWER_SECONDS, max_pool_connections=parallel
    )
    invoking, function = boto3.client("lambda", config=once), os.environ["TOKENVAULT_BULK_FUNCTION"]
    return PartTaker(
        _objects(),
        _files(),
        lambda mapped: InvokedVault(invoking, function, "import" if mapped.keeps_tokens else "tokenize"),
        parallel=parallel,
        patience=_PATIENCE,
    )

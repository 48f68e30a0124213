"""An account with a bucket of the module `bulk`, and its functions in this process, over the real service."""

import io
import json
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import boto3
from botocore.exceptions import ClientError
from tokenvault_client.bulk.mapping import ImportMap

from bulklib import manifest
from bulklib.files import Files
from bulklib.job import Job
from bulklib.objects import Objects
from bulklib.parts import Counts
from bulklib.planning import Part, Segment
from bulklib.taking import PartTaker
from bulklib.vault import InvokedVault
from chalicelib.api import direct
from tests.support.world import REGION, World

ACCOUNT = "123456789012"
_buckets = count(1)
SEGMENT_BYTES, PART_VALUES = 97, 14
"""So short that borders fall everywhere, and so few that a small file has many parts."""


class FakeLambda:
    """Lambda, as far as one function is invoked, which the real service answers. `fault` may meet a call."""

    def __init__(self, account: World, address: str) -> None:
        self._account, self._address = account, address
        self.events = list[dict[str, Any]]()
        self.fault: Callable[[int], Exception | dict[str, Any] | None] = lambda number: None

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # boto3's names
        """The function's answer, or the fault; the fault of an answer that was lost comes after the work."""
        event = json.loads(Payload)
        self.events.append(event)
        service = self._account.services["tokenize"]
        answered = direct.answer(
            event, "r", lambda: direct.serving(service, self._address), self._account.telemetry
        )
        fault = self.fault(len(self.events))
        if isinstance(fault, Exception):
            raise fault
        return fault or {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answered).encode())}


def refusal(code: str, status: int) -> ClientError:
    """An answer of Lambda's own."""
    about = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(about, "Invoke")


class BulkAccount:
    """A bucket of its own, versioned, and the steps. `records` counts what is stored from here on."""

    def __init__(self, account: World, address: str = "shop/checkout") -> None:
        self.account, self.s3 = account, boto3.client("s3", REGION)
        self.bucket, self.address = f"tokenvault-bulk-{next(_buckets)}", address
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        key = boto3.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
        self.objects = Objects(self.s3, self.bucket, ACCOUNT, key)
        self.files = self.files_of(PART_VALUES)
        self.invoked, self._before = FakeLambda(account, address), self._records()

    def files_of(self, part_values: int) -> Files:
        """The steps that look at whole files, for the client whose tokens are made."""
        limits = {"segment_bytes": SEGMENT_BYTES, "part_values": part_values}
        return Files(self.objects, self.address, "in/", "out/", **limits)

    def vault(self, mapped: ImportMap) -> InvokedVault:
        """What takes batches in."""
        return InvokedVault(self.invoked, "take-in", "import" if mapped.keeps_tokens else "tokenize")

    def put(self, key: str, content: bytes) -> str:
        """Stores an object; gives its version."""
        return str(self.s3.put_object(Bucket=self.bucket, Key=key, Body=content).get("VersionId"))

    def get(self, key: str) -> bytes:
        """An object as it is."""
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    @property
    def records(self) -> int:
        """How many tokens were made."""
        return self._records() - self._before

    def _records(self) -> int:
        return len([item for item in self.account.items("vault") if item["sk"]["S"] == "record"])

    def stored(self) -> list[str]:
        """The keys of all objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def laid_out(self, **request: Any) -> tuple[Job, int]:
        """The job of an execution's input, and how many segments it has."""
        found = self.files.lay_out(request)
        return Job.of(json.loads(json.dumps(found["job"]))), found["segments"]

    def planned(self, job: Job, segment_count: int) -> list[Part]:
        """Scans and plans; gives the parts."""
        if segment_count:
            for segment in self.objects.document(manifest.segments_key(job)):
                self.files.scan(job, Segment(**segment))
        self.files.plan(job, segment_count)
        return [Part(**part) for part in self.objects.document(manifest.parts_key(job))]

    def take(self, job: Job, parts: Iterable[Part], patience: float = 5.0) -> list[Counts | None]:
        """Takes parts in, one after the other."""
        taker = PartTaker(self.objects, self.files, self.vault, parallel=2, patience=patience)
        return [taker.take(job, part) for part in parts]

    def run(self, **request: Any) -> dict[str, Any]:
        """All steps of an execution; gives the manifest."""
        job, segment_count = self.laid_out(**request)
        self.take(job, self.planned(job, segment_count))
        self.files.finish(job)
        return dict(self.objects.document(manifest.manifest_key(job)))

    def joined(self, written: dict[str, Any]) -> bytes:
        """All parts in order, as the file of one machine: the head once."""
        contents = [self.get(part["key"]) for part in written["parts"]]
        head = contents[0][: written["head_bytes"]] if contents else b""
        return head + b"".join(content[written["head_bytes"] :] for content in contents)

"""The door to S3: ranges of pinned versions in, small documents and finished parts out.

Each request says whose bucket it has to be, so that a bucket of that name in another account gets nothing.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import io
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

from botocore.exceptions import ClientError
from tokenvault_client.bulk.errors import NotImportable

_MISSING: Final = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})
_NO_VERSION: Final = frozenset({"400", "405"})
"""Of a HEAD that names a version: no id of one, or that of a delete marker."""

_TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_JSON: Final = "application/json"
LEAST_PART: Final = 5 * 1024 * 1024
"""Bytes of a part of a multipart upload, but for the last one:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MOST_PARTS: Final = 10_000
"""Parts of a multipart upload, by the same page."""

_AT_ONCE: Final = 16
"""Parts of an upload that are under way at once."""


@dataclass(frozen=True)
class Version:
    """A version of an object, and its metadata."""

    key: str
    version_id: str
    etag: str
    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Beginning:
    """The first `length` bytes of an object."""

    key: str
    length: int


class Objects:
    """The bucket, of that account. What is written is encrypted with that KMS key."""

    def __init__(self, s3: Any, bucket: str, account: str, kms_key_arn: str) -> None:
        self._s3 = s3
        self._where = {"Bucket": bucket, "ExpectedBucketOwner": account}
        self.kms_key_arn = kms_key_arn
        self._encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_arn}

    def pinned(self, key: str, version_id: str | None) -> Version:
        """That version, or the newest. Raises `NotImportable` if there is none, or the bucket keeps none."""
        found = self.find(key, version_id)
        if found is None:
            raise NotImportable("input: there is no object of this key and version")
        if found.version_id in ("", "null"):
            raise NotImportable("input: the object has no version, so another could take its place meanwhile")
        return found

    def find(self, key: str, version_id: str | None = None) -> Version | None:
        """A version of an object without its contents; None if there is none. Raises `ClientError`."""
        pin = {} if version_id is None else {"VersionId": version_id}
        try:
            head = self._s3.head_object(**self._where, Key=key, **pin)
        except ClientError as error:
            if error.response["Error"]["Code"] in (_MISSING | _NO_VERSION if pin else _MISSING):
                return None
            raise
        version = str(head.get("VersionId", ""))
        return Version(key, version, head["ETag"], head["ContentLength"], head["Metadata"])

    def stream(self, key: str, version_id: str, start: int, end: int | None = None) -> BinaryIO:
        """The bytes [start, end) of a version, as they come; to its end without one."""
        asked = f"bytes={start}-{'' if end is None else end - 1}"
        got = self._s3.get_object(**self._where, Key=key, VersionId=version_id, Range=asked)
        return cast(BinaryIO, got["Body"])

    def read(self, key: str, version_id: str, start: int, end: int) -> bytes:
        """The bytes [start, end) of a version."""
        return self.stream(key, version_id, start, end).read() if end > start else b""

    def seekable(self, version: Version) -> BinaryIO:
        """A version as a file that is read from any place."""
        return io.BufferedReader(_Ranges(self, version), 1024 * 1024)

    def document(self, key: str) -> Any:
        """A JSON document that `put_document` wrote."""
        return json.loads(self._s3.get_object(**self._where, Key=key)["Body"].read())

    def put_document(self, key: str, document: Any) -> None:
        """Writes a JSON document."""
        self.put(key, io.BytesIO(json.dumps(document).encode()), {}, content_type=_JSON)

    def put_new(self, key: str, content: bytes, metadata: Mapping[str, str]) -> bool:
        """Writes an object whole, unless there is one; says whether it did. Of two at once, one does.
        Raises `ClientError`.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        given = {**self._encrypted, "Key": key, "Body": content, "Metadata": dict(metadata)}
        try:
            self._s3.put_object(**self._where, **given, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with that, in their order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._where, Prefix=prefix)
        return [str(entry["Key"]) for page in pages for entry in page.get("Contents", [])]

    def join(self, key: str, groups: Sequence[Sequence[Beginning]], metadata: Mapping[str, str]) -> None:
        """Writes one object of the beginnings of others, in their order; it is there at once or not at all.

        Each group but the last has `LEAST_PART` bytes, and there are at most `MOST_PARTS`. One of a single
        object is copied within S3.
        """
        begun = self._s3.create_multipart_upload(
            **self._where, **self._encrypted, Key=key, Metadata=dict(metadata)
        )
        upload = {**self._where, "Key": key, "UploadId": begun["UploadId"]}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            parts = list(pool.map(lambda each: self._part(upload, *each), enumerate(groups, 1)))
        self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    def _part(self, upload: Mapping[str, Any], number: int, group: Sequence[Beginning]) -> dict[str, Any]:
        """A part of an upload, as its completion names it: with the checksum that boto3 asked for, if any."""
        if len(group) == 1 and group[0].length >= LEAST_PART:
            made = self._copied(upload, number, group[0])
        else:
            content = b"".join(self._head(source) for source in group)
            made = self._s3.upload_part(**upload, PartNumber=number, Body=content)
        checksums = {name: made[name] for name in made if name.startswith("Checksum")}
        return {"PartNumber": number, "ETag": made["ETag"], **checksums}

    def _copied(self, upload: Mapping[str, Any], number: int, source: Beginning) -> Mapping[str, Any]:
        answered = self._s3.upload_part_copy(
            **upload,
            PartNumber=number,
            CopySource={"Bucket": self._where["Bucket"], "Key": source.key},
            CopySourceRange=f"bytes=0-{source.length - 1}",
            ExpectedSourceBucketOwner=self._where["ExpectedBucketOwner"],
        )
        return cast(Mapping[str, Any], answered["CopyPartResult"])

    def _head(self, source: Beginning) -> bytes:
        asked = f"bytes=0-{source.length - 1}"
        return bytes(self._s3.get_object(**self._where, Key=source.key, Range=asked)["Body"].read())

    def put(
        self,
        key: str,
        file: BinaryIO,
        metadata: Mapping[str, str],
        content_type: str = "application/octet-stream",
    ) -> None:
        """Writes an object whole: it is there at once or not at all."""
        self._s3.put_object(
            **self._where,
            **self._encrypted,
            Key=key,
            Body=file,
            Metadata=dict(metadata),
            ContentType=content_type,
        )


class _Ranges(io.RawIOBase):
    """Reads a version range by range."""

    def __init__(self, objects: Objects, version: Version) -> None:
        self._objects, self._version, self._at = objects, version, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._version.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._version.size)
        got = self._objects.read(self._version.key, self._version.version_id, self._at, end)
        buffer[: len(got)] = got
        self._at += len(got)
        return len(got)

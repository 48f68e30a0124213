"""The archive's bucket in S3, with Object Lock: what is written stays as it is."""

import base64
from typing import Any, Final, Protocol

from chalicelib.audit.archive import ArchiveObject
from chalicelib.aws.errors import AWS_ERRORS, error_code, explain, is_lasting
from chalicelib.errors import StoreRefused, StoreUnavailable

STANDS_ALREADY: Final = "PreconditionFailed"


class S3Client(Protocol):
    """The part of boto3's S3 client that is used here."""

    def put_object(self, **request: Any) -> dict[str, Any]: ...


class ArchiveBucket:
    """Writes objects and reads none: the role that writes the archive may not read it."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, archived: ArchiveObject) -> None:
        """Stores an object unless it exists: its name holds its digest, so an existing object is the same.

        S3 computes the checksum too, refuses what was changed on the way, and keeps it with the object.
        The bucket encrypts by itself. Raises `StoreUnavailable`, or `StoreRefused` for what lasts.
        """
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=archived.key,
                Body=archived.body,
                ContentType="application/x-ndjson",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(archived.sha256).decode(),
                IfNoneMatch="*",
            )
        except AWS_ERRORS as error:
            if error_code(error) == STANDS_ALREADY:
                return
            kind = StoreRefused if is_lasting("S3", error) else StoreUnavailable
            raise kind(explain("S3", error)) from None

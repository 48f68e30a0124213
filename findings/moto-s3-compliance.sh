#!/usr/bin/env bash
# moto's S3 keeps what is locked in COMPLIANCE mode from being deleted, and lets anybody shorten the lock.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile 'moto[s3]==5.2.5' boto3==1.44.5
cd "$work"

AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing ./venv/bin/python - <<'PY'
import importlib.metadata
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

# AWS: "its retention period can't be shortened", by nobody, the root user of the account included.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes
print("moto", importlib.metadata.version("moto"))
now = datetime.now(timezone.utc).replace(microsecond=0)
with mock_aws():
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": now + timedelta(days=3650)}
    version = s3.put_object(Bucket="archive", Key="2026/events", Body=b"{}", **lock)["VersionId"]
    event = {"Bucket": "archive", "Key": "2026/events", "VersionId": version}
    try:
        s3.delete_object(**event)
    except ClientError as error:
        print("deleting it:", error.response["Error"]["Code"])
    else:
        raise SystemExit("it is deleted now")
    s3.put_object_retention(**event, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": now + timedelta(hours=1)})
    left = s3.head_object(**event)["ObjectLockRetainUntilDate"] - now
    print(f"shortening it: done, {left} left of ten years")
assert left == timedelta(hours=1)
PY

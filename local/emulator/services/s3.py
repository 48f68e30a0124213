"""S3: what a bucket's policy denies under a condition, and the lock of a bucket that is in use."""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import FakeBucket, S3Backend

from local.emulator.patching import wrap


@wrap(
    FakeBucket,
    "get_permission",
    why="moto looks at no condition: what a statement denies to all but one role, it denies to all. The "
    "emulator knows no roles, so such statements count for nobody",
    seen_on="5.2.5",
)
def _get_permission(original: Any, self: FakeBucket, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    plain = [statement for statement in policy["Statement"] if "Condition" not in statement]
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)


@wrap(
    S3Backend,
    "put_object_lock_configuration",
    why="S3 takes the configuration of a bucket with objects in it, and moto does not, so an archive that "
    "was written to cannot be destroyed",
    seen_on="5.2.5",
)
def _put_object_lock_configuration(  # noqa: PLR0917 - moto's signature
    original: Any,
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    # Versions are all that it asks for:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years

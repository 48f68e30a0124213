"""S3: what a bucket's policy denies under a condition."""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

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

"""S3 as an archive uses it: a lock's configuration comes and goes with objects in the bucket."""

import pytest
from botocore.exceptions import ClientError

RULE = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 400}}


@pytest.fixture
def s3(clients):
    return clients("s3")


def test_a_bucket_with_objects_takes_another_lock(s3):
    """As on an account; an object keeps the lock it was written under, unless somebody may go past it."""
    s3.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket="archive", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": RULE}
    )
    version = s3.put_object(Bucket="archive", Key="events", Body=b"1")["VersionId"]
    s3.put_object_lock_configuration(
        Bucket="archive", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    stated = s3.get_object_lock_configuration(Bucket="archive")["ObjectLockConfiguration"]
    assert (stated["ObjectLockEnabled"], "Rule" in stated) == ("Enabled", False)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="archive", Key="events", VersionId=version)
    s3.delete_object(Bucket="archive", Key="events", VersionId=version, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket="archive")


def test_a_lock_wants_versions(s3):
    """A bucket that keeps no versions cannot keep one from going."""
    s3.create_bucket(Bucket="plain")
    with pytest.raises(ClientError, match="InvalidBucketState"):
        s3.put_object_lock_configuration(
            Bucket="plain", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": RULE}
        )

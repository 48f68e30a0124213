"""A destroy of the local example leaves nothing; of the production one, each run of the suite shows it."""

import json
from pathlib import Path

from local.processes import free_port
from local.stack import VARIABLES, Stack, StackPaths


def test_destroy_leaves_nothing(tmp_path: Path) -> None:
    """A stack of its own is applied, archives something and is destroyed; nothing is left in the state."""
    stack = Stack(StackPaths(tmp_path, free_port(), free_port()), print)
    try:
        stack.start()
        s3 = stack.account.client("s3")
        [archive] = [b["Name"] for b in s3.list_buckets()["Buckets"] if "audit-archive" in b["Name"]]
        s3.put_object(Bucket=archive, Key="audit/object", Body=b"an event")
        stack.terraform.run("destroy", "-auto-approve", f"-var-file={VARIABLES}")
        left = json.loads(stack.terraform.run("show", "-json", interactive=False))
        assert left.get("values", {}).get("root_module", {}) == {}
        dynamodb, kms = stack.account.client("dynamodb"), stack.account.client("kms")
        assert dynamodb.list_tables()["TableNames"] == []
        keys = [kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in kms.list_keys()["Keys"]]
        ours = [key["KeyState"] for key in keys if key["Description"].startswith("tokenvault")]
        assert set(ours) == {"PendingDeletion"}
    finally:
        stack.stop()

"""`make dev` makes what Terraform applies."""

from local.dev import snapshot
from tests.support.running import Running


def test_the_snapshot_is_that_of_the_applied_stack(running: Running) -> None:
    """Tables, keys, roles, functions, pool, policy and API, to the last field; `make snapshot` renews it."""
    assert snapshot.read() == running.stack.snapshot()
    assert snapshot.FILE.read_text() == snapshot.written(running.stack.snapshot())

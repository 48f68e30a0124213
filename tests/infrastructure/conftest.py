"""Packages, built once a session, and the state of the applied stack."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure import state
from tests.infrastructure.production.example import ProductionExample, production_example
from tests.support.continuous_integration import cannot_run
from tests.support.running import Running

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "terraform" / "packaging"))

from interpreter import MissingInterpreterError, pinned  # noqa: E402  # a script's folder, not a package


def build(
    stage: str,
    out: Path,
    checkout: Path = ROOT,
    environment: Mapping[str, str] = {},
    umask: int = -1,
    python: str = sys.executable,
) -> Path:
    """Packages a stage of a checkout into a folder, as `make package` does."""
    script = str(checkout / "terraform/packaging/build.py")
    command = [python, script, "--stage", stage, "--out", str(out)]
    subprocess.run(command, check=True, cwd=out, env={**os.environ, **environment}, umask=umask)
    return out


@pytest.fixture(scope="session")
def aws_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that is deployed (arm64). Without the Python that compiles it skipped, and failed in CI."""
    try:
        pinned()
    except MissingInterpreterError as missing:
        cannot_run(str(missing))
    return build("aws", tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="session")
def host_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for the machine that runs the tests."""
    return build("host", tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductionExample]:
    """The example of production, applied once for all that looks at it."""
    with production_example(tmp_path_factory.mktemp("production")) as example:
        yield example


@pytest.fixture(scope="module")
def resources(running: Running) -> list[dict[str, Any]]:
    """All resources of the applied state."""
    shown = json.loads(running.stack.terraform.run("show", "-json", interactive=False))
    return list(state.resources(shown["values"]["root_module"]))


@pytest.fixture(scope="module")
def watched(running: Running) -> Iterator[Running]:
    """The stack after what its operator does by hand: somebody hears alarms, and CloudTrail writes."""
    account, topic = running.stack.account, running.stack.outputs["alarms_topic_arn"]
    trails, bucket = account.client("cloudtrail"), "tokenvault-operators-trail"
    heard = account.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="oncall@vault.example")
    account.client("s3").create_bucket(Bucket=bucket)
    trails.create_trail(Name=bucket, S3BucketName=bucket)
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    trails.put_event_selectors(TrailName=bucket, EventSelectors=selectors)
    trails.start_logging(Name=bucket)
    try:
        yield running
    finally:
        account.client("sns").unsubscribe(SubscriptionArn=heard["SubscriptionArn"])
        trails.delete_trail(Name=bucket)
        account.client("s3").delete_bucket(Bucket=bucket)

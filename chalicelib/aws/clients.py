"""Clients of AWS services: our time limits, and nothing worked out anew for each call that never changes.

They send what boto3 sends, except its counts of tries. `docs/adr/0006-speed.md` has what each of these
saves.
"""

from typing import Any, Final

import boto3
from botocore.config import Config

from chalicelib.aws.fast_path import FastPath

PARALLEL_CALLS: Final = 16
"""Calls to AWS at a time within one request; the connection pool is of the same size."""

CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    # Three tries with jitter fit into the function's 29 seconds, also twice in one request.
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=PARALLEL_CALLS,
    # Requests are made by our own code; a wrong one is refused by the service just the same.
    parameter_validation=False,
    # One address for all accounts, which the endpoints of a VPC answer for, too.
    account_id_endpoint_mode="disabled",
    # A constant: botocore would list the features of each call anew.
    user_agent="tokenvault",
)


def client(service: str, region: str, changes: Config | None = None, *, fast_path: bool) -> Any:
    """A boto3 client of a service in a Region; with the fast path, where the service has one, or without."""
    config = CONFIG if changes is None else CONFIG.merge(changes)
    made = boto3.client(service, region_name=region, config=config)
    if fast_path and made.meta.service_model.protocol == "json":
        # DynamoDB and KMS take all calls as a POST to one address; S3 has an address for each bucket.
        FastPath(made).register()
    return made

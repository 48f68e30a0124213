"""What AWS asks, and what a request costs: the only place with prices, and with what is assumed of Lambda.

List prices of us-east-1 in US dollars, without free tiers and discounts, as of June 2025, the same as in
`docs/operations.md`; look them up again before you decide:
https://aws.amazon.com/lambda/pricing/ (arm64), https://aws.amazon.com/dynamodb/pricing/on-demand/ (Standard),
https://aws.amazon.com/kms/pricing/ (symmetric and HMAC requests, and those of elliptic curves), and
https://aws.amazon.com/api-gateway/pricing/ (REST, first 333 million a month). CloudWatch, storage and data
transfer are left out on both sides.
"""

from dataclasses import dataclass
from typing import Any, Final

DATE: Final = "June 2025"
REGION: Final = "us-east-1"

LAMBDA_GB_SECOND: Final = 0.0000133334
LAMBDA_REQUEST: Final = 0.20 / 1e6
DYNAMODB_WRITE_UNIT: Final = 0.625 / 1e6
DYNAMODB_READ_UNIT: Final = 0.125 / 1e6
KMS_REQUEST: Final = 0.03 / 1e4
KMS_SIGNATURE: Final = 0.15 / 1e4
API_GATEWAY_REQUEST: Final = 3.50 / 1e6

MEMORY_MB: Final = 1024
"""The default of both functions (`terraform/variables.tf`)."""
VCPU_MB: Final = 1769
"""A whole vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
WAIT_SECONDS: Final = {"dynamodb": 0.004, "kms": 0.008}
"""Assumed: how long an answer takes within the Region."""


@dataclass(frozen=True)
class Use:
    """What one request uses. CPU is that of the machine that measured; a vCPU is taken to be as fast."""

    operations: int
    cpu_seconds: float
    wait_seconds: float
    write_units: float
    read_units: float
    kms_requests: float


def per_million(use: Use) -> dict[str, float]:
    """Dollars for a million operations, by service."""
    seconds = use.cpu_seconds * max(1.0, VCPU_MB / MEMORY_MB) + use.wait_seconds
    dollars = {
        "lambda": seconds * MEMORY_MB / 1024 * LAMBDA_GB_SECOND + LAMBDA_REQUEST,
        "dynamodb": use.write_units * DYNAMODB_WRITE_UNIT + use.read_units * DYNAMODB_READ_UNIT,
        "kms": use.kms_requests * KMS_REQUEST,
        "api_gateway": API_GATEWAY_REQUEST,
    }
    return {service: round(amount / use.operations * 1e6, 3) for service, amount in dollars.items()}


def assumed() -> dict[str, Any]:
    """What the figures rest on, for the record."""
    return {"date": DATE, "region": REGION, "memory_mb": MEMORY_MB, "wait_seconds": WAIT_SECONDS}

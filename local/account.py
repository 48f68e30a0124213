"""The emulated account as this machine's clients reach it."""

from dataclasses import dataclass
from typing import Any, Final

import boto3
import localstack_client.config

from local.container import Function

CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""The emulator asks for some and checks none."""

FUNCTIONS: Final = ("tokenize", "reveal", "maintain")


@dataclass(frozen=True)
class Account:
    """Where the emulator listens, and the Region that the stack is in."""

    port: int
    region: str

    @property
    def endpoint(self) -> str:
        """The one address of all services."""
        host = localstack_client.config.get_service_endpoint("dynamodb", localstack_host="127.0.0.1")
        return str(host).replace(":4566", f":{self.port}")

    @property
    def environment(self) -> dict[str, str]:
        """What points an AWS SDK, or Terraform, at the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **CREDENTIALS,
        }

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def function(self, name: str, alias: str) -> Function:
        """A function as it was deployed, read back through its alias."""
        applied = self.client("lambda").get_function_configuration(FunctionName=name, Qualifier=alias)
        return Function(
            name=name,
            handler=applied["Handler"],
            memory_mb=applied["MemorySize"],
            environment={**applied["Environment"]["Variables"], **self.environment},
        )

    def api_keys(self, api_id: str, stage: str) -> dict[str, str]:
        """Ids of the enabled API keys that a usage plan admits to the stage, by key."""
        gateway = self.client("apigateway")
        keys = {
            k["id"]: k for k in gateway.get_api_keys(includeValues=True, limit=500)["items"] if k["enabled"]
        }
        admitted: dict[str, str] = {}
        for plan in gateway.get_usage_plans(limit=500)["items"]:
            if {"apiId": api_id, "stage": stage}.items() <= {
                k: v for s in plan.get("apiStages", []) for k, v in s.items()
            }.items():
                members = gateway.get_usage_plan_keys(usagePlanId=plan["id"], limit=500)["items"]
                admitted |= {keys[m["id"]]["value"]: m["id"] for m in members if m["id"] in keys}
        return admitted

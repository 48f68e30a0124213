"""The emulated account as this machine's clients reach it."""

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from botocore.config import Config

from local.container import Function
from local.environment import NOWHERE
from local.sessions import session
from local.throttle import UsagePlan

CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""The emulator asks for some and checks none."""

FUNCTIONS: Final = ("tokenize", "reveal", "maintain")


@dataclass(frozen=True)
class Account:
    """The one address of all services, and the Region that the stack is in."""

    endpoint: str
    region: str

    @property
    def environment(self) -> dict[str, str]:
        """What points an AWS SDK, or Terraform, at the emulator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **CREDENTIALS,
            **NOWHERE,
        }

    def client(self, service: str) -> Any:
        """A boto3 client that neither a profile of the shell nor a proxy leads astray."""
        with _making:
            return _client(service, self.region, self.endpoint)

    def function(self, name: str, alias: str) -> Function:
        """A function as it was deployed, read back through its alias."""
        applied = self.client("lambda").get_function_configuration(FunctionName=name, Qualifier=alias)
        return Function(
            name=name,
            handler=applied["Handler"],
            memory_mb=applied["MemorySize"],
            environment={**applied["Environment"]["Variables"], **self.environment},
            timeout_seconds=applied["Timeout"],
        )

    def api_keys(self, api_id: str, stage: str) -> dict[str, str]:
        """Ids of the enabled API keys that a usage plan admits to the stage, by key."""
        gateway = self.client("apigateway")
        keys = {
            k["id"]: k for k in gateway.get_api_keys(includeValues=True, limit=500)["items"] if k["enabled"]
        }
        admitted: dict[str, str] = {}
        for plan in self._plans(api_id, stage):
            members = gateway.get_usage_plan_keys(usagePlanId=plan["id"], limit=500)["items"]
            admitted |= {keys[m["id"]]["value"]: m["id"] for m in members if m["id"] in keys}
        return admitted

    def usage_plans(self, api_id: str, stage: str) -> dict[str, UsagePlan]:
        """What the usage plans of the stage allow, by the ids of their API keys."""
        gateway, allowed = self.client("apigateway"), {}
        for plan in self._plans(api_id, stage):
            throttle, quota = plan.get("throttle"), plan.get("quota")
            if throttle is None:
                continue
            limits = UsagePlan(
                rate_per_second=throttle["rateLimit"],
                burst=throttle["burstLimit"],
                requests_per_day=quota["limit"] if quota else None,
            )
            for member in gateway.get_usage_plan_keys(usagePlanId=plan["id"], limit=500)["items"]:
                allowed[member["id"]] = limits
        return allowed

    def _plans(self, api_id: str, stage: str) -> list[dict[str, Any]]:
        wanted = (api_id, stage)
        plans = self.client("apigateway").get_usage_plans(limit=500)["items"]
        return [p for p in plans if wanted in {(s["apiId"], s["stage"]) for s in p.get("apiStages", [])}]


_making: Final = threading.Lock()  # boto3 makes clients in one thread at a time


_session: Final = cache(session)  # each new one lists and reads botocore's data again


@lru_cache
def _client(service: str, region: str, endpoint: str) -> Any:
    return _session().client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(proxies={}),
    )

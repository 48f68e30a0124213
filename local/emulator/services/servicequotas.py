"""Service Quotas: what an account may do of Lambda and API Gateway before it asks for more."""

import json
from typing import Any, Final

from moto.servicequotas.models import ServiceQuotasBackend
from moto.servicequotas.responses import ServiceQuotasResponse

from local.emulator.patching import add, wrap

_DEFAULTS: Final = {
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    ("lambda", "L-B99A9384"): ("Concurrent executions", 1000.0),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    ("apigateway", "L-E8693075"): ("Usage plans per account per Region", 300.0),
}


@wrap(ServiceQuotasBackend, "get_service_quota", why="moto knows the quotas of VPCs only", seen_on="5.2.5")
def _get_service_quota(
    original: Any, self: ServiceQuotasBackend, service_code: str, quota_code: str
) -> dict[str, Any]:
    if (service_code, quota_code) not in _DEFAULTS:
        return dict(original(self, service_code, quota_code))
    name, value = _DEFAULTS[service_code, quota_code]
    return {
        "ServiceCode": service_code,
        "QuotaCode": quota_code,
        "QuotaName": name,
        "QuotaArn": f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:{service_code}/{quota_code}",
        "Value": value,
        "Adjustable": True,
        "GlobalQuota": False,
    }


@add(
    ServiceQuotasResponse,
    "get_aws_default_service_quota",
    why="the provider asks for the default as well",
    seen_on="5.2.5",
)
def _get_default(self: ServiceQuotasResponse) -> str:
    asked = json.loads(self.body)
    quota = self.backend.get_service_quota(str(asked.get("ServiceCode")), str(asked.get("QuotaCode")))
    return json.dumps({"Quota": quota})

"""WAF: what a web ACL keeps out of its logs."""

import json
from typing import Any, Final

from moto.wafv2.models import FakeWebACL
from moto.wafv2.responses import WAFV2Response

from local.emulator.patching import Extra, wrap

_WHY: Final = "moto drops DataProtectionConfig, so the second plan wants to set it again"

_data_protection: Final = Extra[dict[str, Any]]("data_protection", dict)


@wrap(WAFV2Response, "create_web_acl", why=_WHY, seen_on="5.2.5")
def _create_web_acl(original: Any, self: WAFV2Response) -> Any:
    answer = original(self)
    _keep(self, json.loads(answer[2])["Summary"]["Id"])
    return answer


@wrap(WAFV2Response, "update_web_acl", why=_WHY, seen_on="5.2.5")
def _update_web_acl(original: Any, self: WAFV2Response) -> Any:
    answer = original(self)
    _keep(self, json.loads(self.body)["Id"])
    return answer


def _keep(response: WAFV2Response, identifier: str) -> None:
    body = json.loads(response.body)
    web_acl = response.wafv2_backend.get_web_acl(None, body["Name"], identifier)
    _data_protection.put(web_acl, body.get("DataProtectionConfig") or {})


@wrap(FakeWebACL, "to_dict", why=_WHY, seen_on="5.2.5")
def _to_dict(original: Any, self: FakeWebACL) -> dict[str, Any]:
    stated = _data_protection.of(self)
    return {**original(self), **({"DataProtectionConfig": stated} if stated else {})}

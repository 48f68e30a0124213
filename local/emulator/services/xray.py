"""X-Ray: sampling rules that are kept and sample nothing."""

import json
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.xray import urls
from moto.xray.models import XRayBackend
from moto.xray.responses import XRayResponse

from local.emulator.patching import Extra, add, replace_value

_WHY: Final = "moto has no sampling rules"
_ACTIONS: Final = ("CreateSamplingRule", "GetSamplingRules", "UpdateSamplingRule", "DeleteSamplingRule")
_TAGS: Final = "ListTagsForResource"
_CREATED: Final = 1767225600

_rules: Final = Extra[dict[str, dict[str, Any]]]("sampling_rules", dict)
_tags: Final = Extra[dict[str, list[dict[str, str]]]]("sampling_rule_tags", dict)

replace_value(
    urls,
    "url_paths",
    {**urls.url_paths, **{f"{{0}}/{name}$": XRayResponse.dispatch for name in (*_ACTIONS, _TAGS)}},
    why=_WHY,
    seen_on="5.2.5",
)


def _arn(backend: XRayBackend, name: str) -> str:
    place = f"{backend.partition}:xray:{backend.region_name}:{backend.account_id}"
    return f"arn:{place}:sampling-rule/{name}"


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    return {"SamplingRule": rule, "CreatedAt": _CREATED, "ModifiedAt": _CREATED}


def _addressed(response: XRayResponse) -> dict[str, Any]:
    asked = response.request_params.get("SamplingRuleUpdate", response.request_params)
    for rule in _rules.of(response.xray_backend).values():
        if asked.get("RuleARN") == rule["RuleARN"] or asked.get("RuleName") == rule["RuleName"]:
            return rule
    raise JsonRESTError("InvalidRequestException", "Sampling rule does not exist.")


@add(XRayResponse, "create_sampling_rule", why=_WHY, seen_on="5.2.5")
def _create_sampling_rule(self: XRayResponse) -> str:
    asked = self.request_params["SamplingRule"]
    arn = _arn(self.xray_backend, asked["RuleName"])
    rule = {"Attributes": {}, **asked, "RuleARN": arn}
    _rules.of(self.xray_backend)[rule["RuleName"]] = rule
    _tags.of(self.xray_backend)[arn] = self.request_params.get("Tags") or []
    return json.dumps({"SamplingRuleRecord": _shown(rule)})


@add(XRayResponse, "get_sampling_rules", why=_WHY, seen_on="5.2.5")
def _get_sampling_rules(self: XRayResponse) -> str:
    return json.dumps(
        {"SamplingRuleRecords": [_shown(rule) for rule in _rules.of(self.xray_backend).values()]}
    )


@add(XRayResponse, "update_sampling_rule", why=_WHY, seen_on="5.2.5")
def _update_sampling_rule(self: XRayResponse) -> str:
    rule = _addressed(self)
    rule.update(self.request_params["SamplingRuleUpdate"])
    return json.dumps({"SamplingRuleRecord": _shown(rule)})


@add(XRayResponse, "delete_sampling_rule", why=_WHY, seen_on="5.2.5")
def _delete_sampling_rule(self: XRayResponse) -> str:
    rule = _rules.of(self.xray_backend).pop(_addressed(self)["RuleName"])
    return json.dumps({"SamplingRuleRecord": _shown(rule)})


@add(XRayResponse, "list_tags_for_resource", why=_WHY, seen_on="5.2.5")
def _list_tags_for_resource(self: XRayResponse) -> str:
    return json.dumps({"Tags": _tags.of(self.xray_backend).get(self.request_params["ResourceARN"], [])})

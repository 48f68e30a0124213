"""API Gateway usage plans: what a patch may change.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.apigateway.models import UsagePlan

from local.emulator.patching import wrap

_NUMBERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "rateLimit": float,
    "burstLimit": int,
    "limit": int,
    "offset": int,
    "period": str,
}
_TEXTS: Final[Mapping[str, str]] = {
    "name": "name",
    "description": "description",
    "productCode": "product_code",
}


@wrap(
    UsagePlan,
    "apply_patch_operations",
    why="moto cannot take a stage with a per-method throttle out of a plan (500 on destroy), forgets such "
    "throttles in a change, keeps a changed quota as text and refuses a rate with a fraction",
    seen_on="5.2.5",
)
def _apply_patch_operations(original: Any, self: UsagePlan, patch_operations: list[dict[str, Any]]) -> None:
    for operation in patch_operations:
        part, *rest = operation["path"].strip("/").split("/")
        value = operation.get("value") if operation["op"] != "remove" else None
        if part == "apiStages" and not rest:
            _change_stages(self, operation)
        elif part == "apiStages":
            _change_stage(self, rest, value)
        elif part in ("throttle", "quota"):
            _change_limits(getattr(self, part), rest, value)
        elif part in _TEXTS:
            setattr(self, _TEXTS[part], value)


def _change_stages(plan: UsagePlan, operation: dict[str, Any]) -> None:
    """Add or take away `<api id>:<stage>`, whatever throttles hang on it."""
    api_id, stage = operation["value"].split(":")
    plan.api_stages = [s for s in plan.api_stages if (s["apiId"], s["stage"]) != (api_id, stage)]
    if operation["op"] == "add":
        plan.api_stages.append({"apiId": api_id, "stage": stage})


def _change_stage(plan: UsagePlan, path: list[str], value: str | None) -> None:
    """`<api id>:<stage>/throttle/<resource>/<METHOD>/<limit>`, or without the end of it to remove."""
    name, *rest = path
    for stage in plan.api_stages:
        if f"{stage['apiId']}:{stage['stage']}" == name and rest[:1] == ["throttle"]:
            _change_throttles(stage.setdefault("throttle", {}), rest[1:], value)


def _change_throttles(throttles: dict[str, Any], path: list[str], value: str | None) -> None:
    if not path:
        throttles.clear()
    elif value is None:
        throttles.pop(_method("/".join(path)), None)
    else:
        _change_limits(throttles.setdefault(_method("/".join(path[:-1])), {}), path[-1:], value)


def _method(path: str) -> str:
    """The key of a method, `/<resource>/<METHOD>`; a patch writes the slashes of the resource as ~1."""
    return "/" + path.replace("~1", "/").strip("/")


def _change_limits(limits: dict[str, Any], path: list[str], value: str | None) -> None:
    if not path:
        limits.clear()
    elif value is None:
        limits.pop(path[0], None)
    else:
        limits[path[0]] = _NUMBERS[path[0]](value)

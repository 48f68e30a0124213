"""Application Auto Scaling: tags, which the provider reads after it registers a target."""

import json
from typing import Any, Final

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from local.emulator.patching import Extra, add, wrap

_tags_by_arn: Final = Extra[dict[str, dict[str, str]]]("tags_by_arn", dict)

_TAGS_WHY: Final = (
    "moto has no tags on scalable targets, and the provider asks for them after each registration"
)


def _tags(response: ApplicationAutoScalingResponse, arn: str) -> dict[str, str]:
    return _tags_by_arn.of(response.applicationautoscaling_backend).setdefault(arn, {})


@wrap(ApplicationAutoScalingResponse, "register_scalable_target", why=_TAGS_WHY, seen_on="5.2.5")
def _register_scalable_target(original: Any, self: ApplicationAutoScalingResponse) -> str:
    answer: str = original(self)
    _tags(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
    return answer


@add(ApplicationAutoScalingResponse, "list_tags_for_resource", why=_TAGS_WHY, seen_on="5.2.5")
def _list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
    return json.dumps({"Tags": _tags(self, self._get_param("ResourceARN"))})


@add(ApplicationAutoScalingResponse, "tag_resource", why=_TAGS_WHY, seen_on="5.2.5")
def _tag_resource(self: ApplicationAutoScalingResponse) -> str:
    _tags(self, self._get_param("ResourceARN")).update(self._get_param("Tags") or {})
    return "{}"


@add(ApplicationAutoScalingResponse, "untag_resource", why=_TAGS_WHY, seen_on="5.2.5")
def _untag_resource(self: ApplicationAutoScalingResponse) -> str:
    tags = _tags(self, self._get_param("ResourceARN"))
    for name in self._get_param("TagKeys") or []:
        tags.pop(name, None)
    return "{}"

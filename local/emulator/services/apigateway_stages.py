"""API Gateway: the settings of single methods of a stage."""

from typing import Any, Final

from moto.apigateway.models import Stage

from local.emulator.patching import wrap

_OTHER_PATHS: Final = ("/accessLogSettings", "/variables", "/canarySettings")


@wrap(
    Stage,
    "apply_operations",
    why="moto takes the first two parts of a path for resource and method, so the settings of a resource "
    "that is deeper than one level vanish, and it never removes any",
    seen_on="5.2.5",
)
def _apply_operations(original: Any, self: Stage, patch_operations: list[dict[str, Any]]) -> Stage:
    others = [operation for operation in patch_operations if not _is_of_a_method(self, operation)]
    for operation in patch_operations:
        if operation in others:
            continue
        if operation["op"] == "remove":
            self.method_settings.pop(_method_path(operation["path"]), None)
        else:
            path, group, name = operation["path"].rsplit("/", 2)
            self._patch_method_setting(_method_path(path), f"{group}/{name}", operation["value"])
    original(self, others)
    return self


def _is_of_a_method(stage: Stage, operation: dict[str, Any]) -> bool:
    """Settings are named `/<resource>/<method>/<group>/<name>`, removed ones `/<resource>/<method>`."""
    path = operation["path"]
    if path.startswith(_OTHER_PATHS):
        return False
    if operation["op"] == "remove":
        return _method_path(path) in stage.method_settings
    return stage._method_settings_translations("/".join(path.rsplit("/", 2)[1:])) is not None


def _method_path(path: str) -> str:
    """As GetStage names it: without the slash in front, and with the slashes that a patch writes as ~1."""
    return path.replace("~1", "/").strip("/")

"""Lambda: a function's dead letter queue and logging configuration, the alias of an event source mapping."""

from typing import Any, Final

from moto.awslambda.models import EventSourceMapping, LambdaFunction

from local.emulator.patching import Extra, wrap

_CONFIG_WHY: Final = (
    "moto drops DeadLetterConfig and LoggingConfig, so the second plan wants to set them again"
)
_kept_config: Final = Extra[dict[str, Any]]("kept_config", dict)
_KEPT: Final[tuple[str, ...]] = ("DeadLetterConfig", "LoggingConfig")


@wrap(LambdaFunction, "__init__", why=_CONFIG_WHY, seen_on="5.2.5")
def _init_function(
    original: Any, self: LambdaFunction, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any
) -> None:
    original(self, account_id, spec, *args, **kwargs)
    _kept_config.put(self, {name: spec[name] for name in _KEPT if spec.get(name)})


@wrap(LambdaFunction, "update_configuration", why=_CONFIG_WHY, seen_on="5.2.5")
def _update_configuration(original: Any, self: LambdaFunction, config_updates: dict[str, Any]) -> Any:
    changed = {name: config_updates[name] for name in _KEPT if name in config_updates}
    _kept_config.put(self, {**_kept_config.of(self), **changed})
    return original(self, config_updates)


@wrap(LambdaFunction, "get_configuration", why=_CONFIG_WHY, seen_on="5.2.5")
def _get_configuration(original: Any, self: LambdaFunction, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {**original(self, *args, **kwargs), **_kept_config.of(self)}


_asked_for: Final = Extra[str]("asked_for", str)

_MAPPING_WHY: Final = "moto answers the function's ARN for a mapping that was made for an alias"


@wrap(EventSourceMapping, "__init__", why=_MAPPING_WHY, seen_on="5.2.5")
def _init_mapping(original: Any, self: EventSourceMapping, spec: dict[str, Any]) -> None:
    original(self, spec)
    _asked_for.put(self, spec["FunctionName"])


@wrap(EventSourceMapping, "get_configuration", why=_MAPPING_WHY, seen_on="5.2.5")
def _get_mapping_configuration(original: Any, self: EventSourceMapping) -> dict[str, Any]:
    described: dict[str, Any] = original(self)
    if _asked_for.of(self).startswith("arn:"):
        described["FunctionArn"] = _asked_for.of(self)
    return described

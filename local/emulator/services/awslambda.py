"""Lambda: the dead letter queue and the logging configuration of a function, the alias in an event source mapping."""

from typing import Any, Final

from moto.awslambda.models import EventSourceMapping, LambdaFunction

from local.emulator.patching import wrap

_CONFIG_WHY: Final = "moto drops DeadLetterConfig and LoggingConfig, so the second plan wants to set them again"
_KEPT: Final = ("DeadLetterConfig", "LoggingConfig")


@wrap(LambdaFunction, "__init__", why=_CONFIG_WHY)
def _init_function(original: Any, self: LambdaFunction, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    original(self, account_id, spec, *args, **kwargs)
    self.__dict__["kept_config"] = {name: spec[name] for name in _KEPT if spec.get(name)}


@wrap(LambdaFunction, "update_configuration", why=_CONFIG_WHY)
def _update_configuration(original: Any, self: LambdaFunction, config_updates: dict[str, Any]) -> Any:
    kept = self.__dict__["kept_config"] | {name: config_updates[name] for name in _KEPT if name in config_updates}
    self.__dict__["kept_config"] = kept
    return original(self, config_updates)


@wrap(LambdaFunction, "get_configuration", why=_CONFIG_WHY)
def _get_configuration(original: Any, self: LambdaFunction, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {**original(self, *args, **kwargs), **self.__dict__["kept_config"]}


_MAPPING_WHY: Final = "moto answers the function's ARN for a mapping that was made for an alias"


@wrap(EventSourceMapping, "__init__", why=_MAPPING_WHY)
def _init_mapping(original: Any, self: EventSourceMapping, spec: dict[str, Any]) -> None:
    original(self, spec)
    self.__dict__["asked_for"] = spec["FunctionName"]


@wrap(EventSourceMapping, "get_configuration", why=_MAPPING_WHY)
def _get_mapping_configuration(original: Any, self: EventSourceMapping) -> dict[str, Any]:
    described: dict[str, Any] = original(self)
    if self.__dict__["asked_for"].startswith("arn:"):
        described["FunctionArn"] = self.__dict__["asked_for"]
    return described

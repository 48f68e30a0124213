"""Lambda provisioned concurrency, which moto does not have: ready as soon as it is asked for."""

import json
from typing import Any, Final
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.responses import LambdaResponse
from moto.core.exceptions import JsonRESTError

from local.emulator.patching import Extra, add, replace_value

_WHY: Final = "moto has no provisioned concurrency"
_CHANGED: Final = "2026-01-01T00:00:00+0000"

# The number that was asked for, by function and qualifier.
_requested: Final = Extra[dict[tuple[str, str], int]]("provisioned_concurrency", dict)

replace_value(
    urls,
    "url_paths",
    {
        **urls.url_paths,
        r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$": (
            LambdaResponse.dispatch
        ),
    },
    why=_WHY,
    seen_on="5.2.5",
)


def _addressed(response: LambdaResponse) -> tuple[str, str]:
    name = unquote(response.path.split("/functions/", 1)[1].split("/")[0]).split(":")[-1]
    return name, response.querystring["Qualifier"][0]


def _described(requested: int) -> dict[str, Any]:
    return {
        "RequestedProvisionedConcurrentExecutions": requested,
        "AvailableProvisionedConcurrentExecutions": requested,
        "AllocatedProvisionedConcurrentExecutions": requested,
        "Status": "READY",
        "LastModified": _CHANGED,
    }


@add(LambdaResponse, "put_provisioned_concurrency_config", why=_WHY, seen_on="5.2.5")
def _put_provisioned_concurrency_config(self: LambdaResponse) -> Any:
    requested = json.loads(self.body)["ProvisionedConcurrentExecutions"]
    _requested.of(self.backend)[_addressed(self)] = requested
    return 202, {}, json.dumps(_described(requested))


@add(LambdaResponse, "get_provisioned_concurrency_config", why=_WHY, seen_on="5.2.5")
def _get_provisioned_concurrency_config(self: LambdaResponse) -> str:
    requested = _requested.of(self.backend).get(_addressed(self))
    if requested is None:
        raise _NotFoundError()
    return json.dumps(_described(requested))


@add(LambdaResponse, "delete_provisioned_concurrency_config", why=_WHY, seen_on="5.2.5")
def _delete_provisioned_concurrency_config(self: LambdaResponse) -> Any:
    _requested.of(self.backend).pop(_addressed(self), None)
    return 204, {}, ""


class _NotFoundError(JsonRESTError):
    code = 404

    def __init__(self) -> None:
        super().__init__(
            "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found"
        )

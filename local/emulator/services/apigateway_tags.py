"""API Gateway: tags of everything that has an ARN, where moto knows those of stages only."""

import json
from typing import Any, Final
from urllib.parse import unquote

from moto.apigateway import urls
from moto.apigateway.responses import APIGatewayResponse
from moto.core.exceptions import JsonRESTError

from local.emulator.patching import replace_value, wrap

_WHY: Final = (
    "moto has no route for the tags of API keys, usage plans and domain names: 404 on a change of tags"
)

replace_value(
    urls,
    "url_paths",
    {**urls.url_paths, "{0}/tags/arn:(?P<resource_arn>.+)$": APIGatewayResponse.dispatch},
    why=_WHY,
    seen_on="5.2.5",
)


@wrap(APIGatewayResponse, "get_tags", why=_WHY, seen_on="5.2.5")
def _get_tags(original: Any, self: APIGatewayResponse) -> str:
    return json.dumps({"tags": _addressed(self).tags or {}})


@wrap(APIGatewayResponse, "tag_resource", why=_WHY, seen_on="5.2.5")
def _tag_resource(original: Any, self: APIGatewayResponse) -> Any:
    resource = _addressed(self)
    resource.tags = {**(resource.tags or {}), **(self._get_param("tags") or {})}
    return 204, {}, ""


@wrap(APIGatewayResponse, "untag_resource", why=_WHY, seen_on="5.2.5")
def _untag_resource(original: Any, self: APIGatewayResponse) -> Any:
    resource = _addressed(self)
    gone = self.querystring.get("tagKeys", [])
    resource.tags = {name: value for name, value in (resource.tags or {}).items() if name not in gone}
    return 204, {}, ""


def _addressed(response: APIGatewayResponse) -> Any:
    """The object of moto that an ARN like `arn:aws:apigateway:us-east-1::/apikeys/abc` names."""
    backend = response.backend
    kind, name, *rest = unquote(response.path.split("/tags/", 1)[1]).split("::/", 1)[1].rstrip("/").split("/")
    if kind == "restapis" and rest[:1] == ["stages"]:
        return backend.get_stage(name, rest[1])
    finders = {
        "restapis": backend.get_rest_api,
        "apikeys": backend.get_api_key,
        "usageplans": backend.get_usage_plan,
        "domainnames": backend.get_domain_name,
        "vpclinks": backend.get_vpc_link,
    }
    if kind not in finders:
        raise JsonRESTError("NotFoundException", "Invalid Resource identifier specified")
    return finders[kind](name)

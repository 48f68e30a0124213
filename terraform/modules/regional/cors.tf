# Which pages of other origins may read what the API answers. What is answered differently then, `packaging/cors.py`
# wrote down (`local.chalice_cors`); the origins are filled in here.

locals {
  cors = {
    # A static value cannot depend on the request: to a page of another origin it is as good as none.
    first  = try(var.allowed_origins[0], "")
    listed = join(" || ", [for origin in var.allowed_origins : "$origin == \"${origin}\""])

    # API Gateway's own errors compute nothing (their templates are not VTL). Of several origins they repeat the
    # request's, and the firewall lets no other than these through: modules/edge.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.gatewayResponse.html
    repeated = length(var.allowed_origins) > 1 ? "method.request.header.Origin" : "'${try(var.allowed_origins[0], "")}'"
  }

  # People have no API key, and API Gateway asks for one by method: their routes are below /people, where there are any
  # (docs/adr/0015-people-who-sign-in.md). A page has no access token either, so its route is there only where a client
  # may begin capture sessions (docs/adr/0018-capture-sessions.md).
  api_paths = { for part in ["paths"] : part => {
    for path, methods in merge(local.chalice_api, local.api_cors).paths : path => methods
    if(var.people || !startswith(path, "/people/")) && (var.captures || path != "/v1/capture")
  } if !(var.people && var.captures) }

  api_cors = { for part, described in local.chalice_cors : part => described if length(var.allowed_origins) > 0 }
}

# From where the API is reached, on top of what Chalice writes and `chalice_override.tf` adds.

resource "aws_api_gateway_rest_api" "rest_api" {
  # Its own address knows no mutual TLS.
  disable_execute_api_endpoint = var.domain != null

  endpoint_configuration {
    types            = [local.private ? "PRIVATE" : "REGIONAL"]
    vpc_endpoint_ids = local.private ? var.api.private_endpoint_ids : null
  }
}

# Who gets as far as the API: its resource policy, the firewall, and the domain with mutual TLS.

locals {
  private = length(var.api.private_endpoint_ids) > 0

  # Settings of the API that are part of the imported document, so that an import that overwrites keeps them and a
  # change of any makes a new deployment. The default security policy of a Regional API accepts TLS 1.0, and cannot
  # be made TLS_1_2; a call by the domain is negotiated by the API's policy as well.
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html
  api_settings = {
    "x-amazon-apigateway-security-policy"      = var.api.security_policy
    "x-amazon-apigateway-endpoint-access-mode" = var.api.endpoint_access_mode
    "x-amazon-apigateway-endpoint-configuration" = merge(
      { disableExecuteApiEndpoint = var.domain != null },
      local.private ? { vpcEndpointIds = var.api.private_endpoint_ids } : {},
    )
  }

  # The merged API refers to it. Who a caller is, authorizer and API key find out; this is about where they are.
  api_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "WhoeverTheAuthorizerKnows"
        Effect    = "Allow"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/live/*" # each method of the stage
      }],
      [for cidrs in [var.api.allowed_cidrs] : {
        Sid       = "NotFromOtherAddresses"
        Effect    = "Deny"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/live/*"
        Condition = { NotIpAddress = { "aws:SourceIp" = cidrs } }
      } if length(cidrs) > 0],
      [for endpoints in [var.api.private_endpoint_ids] : {
        Sid       = "NotPastTheEndpoints"
        Effect    = "Deny"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/live/*"
        Condition = { StringNotEquals = { "aws:SourceVpce" = endpoints } }
      } if local.private],
    )
  }
}

module "edge" {
  source = "../edge"
  count  = var.firewall == null && var.domain == null ? 0 : 1

  name                   = var.name
  account                = var.account
  api                    = { id = aws_api_gateway_rest_api.rest_api.id, stage = aws_api_gateway_stage.live.stage_name, stage_arn = aws_api_gateway_stage.live.arn }
  firewall               = var.firewall
  firewall_log_group_arn = try(aws_cloudwatch_log_group.this["waf"].arn, null)
  allowed_origins        = var.allowed_origins
  domain                 = var.domain
  force_destroy          = var.force_destroy
}

# Who gets as far as the API: its resource policy, the firewall, and the domain with mutual TLS.

variable "api" {
  description = "Limits of the whole API, and from where it may be called: address ranges, or only through these VPC endpoints. Typed and validated by the root."
  type = object({
    requests_per_second  = number
    burst                = number
    allowed_cidrs        = list(string)
    private_endpoint_ids = list(string)
    security_policy      = string
    endpoint_access_mode = string
  })
}

variable "firewall" {
  description = "The firewall's limits and lists, null for none: see ../edge."
  type = object({
    requests_per_address = number
    requests_per_api_key = number
    blocked_cidrs        = list(string)
    allowed_countries    = list(string)
  })
}

variable "domain" {
  description = "Domain with mutual TLS, null for none: see ../edge."
  type = object({
    name                                   = string
    certificate_arn                        = string
    client_authorities                     = string
    ownership_verification_certificate_arn = string
  })
}

variable "force_destroy" {
  description = "Whether buckets may be deleted with what is in them."
  type        = bool
}

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

  # The merged API refers to it. Who a caller is, authorizer and API key find out; this is about where he is.
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
  domain                 = var.domain
  force_destroy          = var.force_destroy
}

output "web_acl_metric" {
  description = "Name of the firewall in its metrics, null without one."
  value       = one(module.edge[*].web_acl_metric)
}

output "domain" {
  description = "Where the domain's DNS record points, null without a domain."
  value       = one(module.edge[*].domain)
}

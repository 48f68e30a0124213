# Limits of clients. Limits and quotas of a plan are each key's own, so clients with equal limits share a plan: API Gateway
# allows an account 300 plans a Region, and changes a plan once in 20 seconds. So a client with two API keys has two keys in
# one plan, and until one of them is taken away it may send twice as much.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html

locals {
  limits = {
    for key, client in var.clients : key => {
      name                = join("-", [client.requests_per_second, client.burst, client.requests_per_day == null ? "unlimited" : client.requests_per_day])
      requests_per_second = client.requests_per_second
      burst               = client.burst
      requests_per_day    = client.requests_per_day
    }
  }

  plans = { for limits in distinct(values(local.limits)) : limits.name => limits }
}

resource "aws_api_gateway_usage_plan" "limits" {
  for_each = local.plans

  name = "${var.name}-${each.key}"

  api_stages {
    api_id = aws_api_gateway_rest_api.rest_api.id
    stage  = aws_api_gateway_stage.live.stage_name
  }

  throttle_settings {
    rate_limit  = each.value.requests_per_second
    burst_limit = each.value.burst
  }

  dynamic "quota_settings" {
    for_each = each.value.requests_per_day[*]

    content {
      limit  = quota_settings.value
      period = "DAY"
    }
  }
}

# A key can be in one plan of a stage only, so one that moves is out of any for about a second.
resource "aws_api_gateway_usage_plan_key" "client" {
  for_each = var.clients

  key_id        = each.value.api_key_id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.limits[local.limits[each.key].name].id
}

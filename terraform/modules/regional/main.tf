# What exists once a Region. `chalice.tf.json` beside this file is made by `terraform/packaging/build.py`
# from Chalice's package and is never edited by hand; `chalice_override.tf` adds to it.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.name

  function_names = { for name in ["tokenize", "reveal", "maintain", "archive"] : name => "${var.name}-${name}-${local.region}" }

  lambdas = {
    tokenize = aws_lambda_function.api_handler
    reveal   = aws_lambda_function.reveal
    maintain = aws_lambda_function.maintain
    archive  = aws_lambda_function.archive
  }
}

resource "aws_lambda_permission" "api" {
  for_each = { for name in ["tokenize", "reveal"] : name => local.lambdas[name] }

  statement_id  = "api"
  function_name = each.value.function_name
  qualifier     = aws_lambda_alias.live[each.key].name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.rest_api.execution_arn}/*"
}

resource "aws_cloudwatch_event_rule" "maintain" {
  name                = "${var.name}-maintain"
  description         = "Makes the keys of new tenants, marks the keys that every Region has seen, and destroys what has had its time."
  schedule_expression = "rate(15 minutes)" # The longest that a card verification code's secret waits (ADR 9).
}

resource "aws_cloudwatch_event_target" "maintain" {
  rule = aws_cloudwatch_event_rule.maintain.name
  arn  = aws_lambda_alias.live["maintain"].arn
}

resource "aws_lambda_permission" "maintain" {
  statement_id  = "schedule"
  function_name = aws_lambda_function.maintain.function_name
  qualifier     = aws_lambda_alias.live["maintain"].name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.maintain.arn
}

resource "aws_api_gateway_stage" "live" {
  # checkov:skip=CKV_AWS_120: What is answered are values and tokens: no cache may hold them.
  # checkov:skip=CKV2_AWS_29: The web ACL is attached by modules/edge, where it is switched on.
  # checkov:skip=CKV2_AWS_51: Behind the stage are functions, which know API Gateway by IAM; callers' certificates are the domain's business.
  rest_api_id          = aws_api_gateway_rest_api.rest_api.id
  deployment_id        = aws_api_gateway_deployment.rest_api.id
  stage_name           = "live"
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.this["access"].arn
    # Names and numbers only. The path stands with its placeholders: a caller may put a value where a token belongs.
    format = jsonencode({
      request_id    = "$context.requestId"
      time          = "$context.requestTimeEpoch"
      method        = "$context.httpMethod"
      route         = "$context.resourcePath"
      status        = "$context.status"
      source_ip     = "$context.identity.sourceIp"
      client_id     = "$context.authorizer.claims.client_id"
      api_key_id    = "$context.identity.apiKeyId"
      latency_ms    = "$context.responseLatency"
      response_size = "$context.responseLength"
      error         = "$context.error.responseType"
    })
  }

  depends_on = [aws_api_gateway_account.this, aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "all" {
  # checkov:skip=CKV_AWS_225: What is answered are values and tokens: no cache may hold them.
  rest_api_id = aws_api_gateway_rest_api.rest_api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false # Data traces write request and response bodies to the log.
    throttling_rate_limit  = var.api.requests_per_second
    throttling_burst_limit = var.api.burst
  }
}

# Health needs no key, so it gets a limit of its own.
resource "aws_api_gateway_method_settings" "health" {
  # checkov:skip=CKV_AWS_225: What is answered are values and tokens: no cache may hold them.
  rest_api_id = aws_api_gateway_rest_api.rest_api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "v1/health/GET"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    throttling_rate_limit  = 10
    throttling_burst_limit = 20
  }
}

# Pages have no API key and so no usage plan: what all of them may ask for together, which leaves the other routes alone.
resource "aws_api_gateway_method_settings" "capture" {
  # checkov:skip=CKV_AWS_225: What is answered are tokens: no cache may hold them.
  count = var.captures ? 1 : 0

  rest_api_id = aws_api_gateway_rest_api.rest_api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "v1/capture/POST"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    throttling_rate_limit  = var.api.captures_per_second
    throttling_burst_limit = 2 * var.api.captures_per_second
  }
}

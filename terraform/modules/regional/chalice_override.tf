# What Chalice's part is given on top. Terraform merges a file whose name ends in _override.tf into the
# resources of the same name: https://developer.hashicorp.com/terraform/language/files/override

resource "aws_lambda_function" "api_handler" {
  function_name = local.function_names.tokenize
  memory_size   = var.functions.tokenize.memory_mb
  publish       = true

  reserved_concurrent_executions = var.functions.tokenize.reserved_concurrency

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this["tokenize"].name
  }

  tracing_config {
    mode = "Active"
  }

  environment {
    variables = var.functions.tokenize.environment
  }
}

resource "aws_lambda_function" "reveal" {
  function_name = local.function_names.reveal
  memory_size   = var.functions.reveal.memory_mb
  publish       = true

  reserved_concurrent_executions = var.functions.reveal.reserved_concurrency

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this["reveal"].name
  }

  tracing_config {
    mode = "Active"
  }

  environment {
    variables = var.functions.reveal.environment
  }
}

resource "aws_lambda_function" "maintain" {
  function_name = local.function_names.maintain
  memory_size   = var.functions.maintain.memory_mb
  publish       = true
  timeout       = 300

  reserved_concurrent_executions = var.functions.maintain.reserved_concurrency

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this["maintain"].name
  }

  tracing_config {
    mode = "Active"
  }

  environment {
    variables = var.functions.maintain.environment
  }
}

resource "aws_lambda_function" "archive" {
  function_name = local.function_names.archive
  memory_size   = var.functions.archive.memory_mb
  publish       = true
  timeout       = 60

  reserved_concurrent_executions = var.functions.archive.reserved_concurrency

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this["archive"].name
  }

  tracing_config {
    mode = "Active"
  }

  environment {
    variables = var.functions.archive.environment
  }
}

resource "aws_api_gateway_rest_api" "rest_api" {
  name                         = var.name
  description                  = "Tokenization service."
  binary_media_types           = null
  disable_execute_api_endpoint = false

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_deployment" "rest_api" {
  stage_name        = null
  stage_description = null

  # A stage serves what its deployment was made of: whether the API's own address answers, too.
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
  triggers = {
    body     = sha256(local.chalice_api_swagger)
    endpoint = jsonencode(local.api_settings["x-amazon-apigateway-endpoint-configuration"])
    type     = local.private ? "PRIVATE" : "REGIONAL"
  }

  lifecycle {
    create_before_destroy = true
  }
}

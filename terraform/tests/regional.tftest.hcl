# The API and the functions of one Region by themselves. Offline: no account, no emulator.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:mocked", version = "7" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:mocked:live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:mocked:live/invocations" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mocked" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/mocked" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = { arn = "arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/live" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/mocked/00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }
}

variables {
  name                       = "tokenvault"
  partition                  = "aws"
  account                    = "123456789012"
  failures_topic_arn         = "arn:aws:sns:us-east-1:123456789012:tokenvault-alarms"
  user_pool_arns             = ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_mocked"]
  key_deletion_window_days   = 30
  log_retention_days         = 400
  manage_api_gateway_account = false
  network                    = null
  role_arns                  = []
  calls                      = {}
  firewall                   = null
  domain                     = null
  force_destroy              = false
  key_administration         = { principals = ["arn:aws:iam::123456789012:root"], actions = ["kms:DescribeKey"] }

  functions = {
    for name in ["tokenize", "reveal", "maintain", "archive"] : name => {
      role_arn    = "arn:aws:iam::123456789012:role/tokenvault-${name}"
      memory_mb   = 512
      environment = { TOKENVAULT_FUNCTION = name }
    }
  }

  clients = {
    "shop/checkout"   = { api_key_id = "key1", requests_per_second = 50, burst = 100 }
    "shop/settlement" = { api_key_id = "key2", requests_per_second = 50, burst = 100, requests_per_day = 1000 }
    "clinic/intake"   = { api_key_id = "key3", requests_per_second = 50, burst = 100 }
  }

  api = {
    requests_per_second  = 1000
    burst                = 2000
    allowed_cidrs        = []
    private_endpoint_ids = []
    security_policy      = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    endpoint_access_mode = "BASIC"
  }
}

run "readme_example" {
  command = apply
  module {
    source = "./modules/regional"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-security-policy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09" && jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-endpoint-access-mode"] == "BASIC"
    error_message = "the API's own address takes no TLS older than 1.2: an enhanced policy, which needs an access mode"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-endpoint-configuration"] == { disableExecuteApiEndpoint = false }
    error_message = "without a domain the API's own address answers, and a Regional API names no VPC endpoint"
  }

  assert {
    condition     = aws_cloudwatch_log_group.execution.name == "API-Gateway-Execution-Logs_a1b2c3d4e5/live" && aws_cloudwatch_log_group.execution.kms_key_id == aws_kms_key.logs.arn && aws_cloudwatch_log_group.execution.retention_in_days == 400
    error_message = "API Gateway's own log is ours: by name, key and retention"
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_kms_key.logs.policy).Statement : contains(try(statement.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"], []), "arn:aws:logs:us-east-1:123456789012:log-group:API-Gateway-Execution-Logs_*/live")])
    error_message = "the key lets CloudWatch Logs encrypt that log"
  }

  assert {
    condition     = length(aws_api_gateway_account.this) + length(aws_iam_role.api_logs) == 0
    error_message = "the account's one role for logs is left alone"
  }
}

run "clients_with_equal_limits_share_a_plan" {
  command = apply
  module {
    source = "./modules/regional"
  }

  assert {
    condition     = toset(keys(aws_api_gateway_usage_plan.limits)) == toset(["50-100-unlimited", "50-100-1000"])
    error_message = "a plan for each set of limits, not for each client"
  }

  assert {
    condition     = aws_api_gateway_usage_plan_key.client["shop/checkout"].usage_plan_id == aws_api_gateway_usage_plan_key.client["clinic/intake"].usage_plan_id && aws_api_gateway_usage_plan_key.client["shop/checkout"].usage_plan_id != aws_api_gateway_usage_plan_key.client["shop/settlement"].usage_plan_id
    error_message = "each client's key is in the plan of its limits"
  }
}

run "two_api_keys_of_a_client_are_in_one_plan" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    clients = {
      "shop/checkout"   = { api_key_id = "key1", requests_per_second = 50, burst = 100 }
      "shop/checkout/b" = { api_key_id = "key2", requests_per_second = 50, burst = 100 }
    }
  }

  assert {
    condition     = keys(aws_api_gateway_usage_plan.limits) == ["50-100-unlimited"] && aws_api_gateway_usage_plan_key.client["shop/checkout"].key_id == "key1" && aws_api_gateway_usage_plan_key.client["shop/checkout/b"].key_id == "key2"
    error_message = "the second key joins the plan, and the first stays in it"
  }
}

run "an_account_of_its_own" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    manage_api_gateway_account = true
  }

  assert {
    condition     = aws_api_gateway_account.this[0].reset_on_delete
    error_message = "a destroy leaves the account no role that is gone"
  }
}

run "a_domain_closes_the_other_address_at_once" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    domain = {
      name                                   = "vault.example.com"
      certificate_arn                        = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities                     = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
      ownership_verification_certificate_arn = null
    }
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-endpoint-configuration"].disableExecuteApiEndpoint
    error_message = "the imported document says it too"
  }

  # Both triggers differ from those of the first run, so the apply that adds the domain makes the deployment.
  assert {
    condition     = aws_api_gateway_deployment.rest_api.triggers.endpoint == jsonencode({ disableExecuteApiEndpoint = true }) && aws_api_gateway_deployment.rest_api.triggers.body == sha256(aws_api_gateway_rest_api.rest_api.body)
    error_message = "switching the API's own address off is a new deployment"
  }
}

run "a_private_api_keeps_its_endpoints_when_it_is_imported_again" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    api = {
      requests_per_second  = 1000
      burst                = 2000
      allowed_cidrs        = []
      private_endpoint_ids = ["vpce-00000001"]
      security_policy      = "SecurityPolicy_TLS13_1_3_2025_09"
      endpoint_access_mode = "STRICT"
    }
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-endpoint-configuration"].vpcEndpointIds == ["vpce-00000001"]
    error_message = "an import that overwrites keeps the VPC endpoints that the document names"
  }

  assert {
    condition     = aws_api_gateway_deployment.rest_api.triggers.type == "PRIVATE"
    error_message = "another type of endpoint is a new deployment"
  }
}

run "without_origins_no_page_reads_an_answer" {
  command = apply
  module {
    source = "./modules/regional"
  }

  assert {
    condition     = !can(regex("(?i)access-control|\"options\"", aws_api_gateway_rest_api.rest_api.body))
    error_message = "no preflight, and no header of CORS"
  }
}

run "where_no_client_captures_no_route_does_without_an_access_token" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    people = true
  }

  assert {
    condition     = alltrue([for path, methods in jsondecode(aws_api_gateway_rest_api.rest_api.body).paths : path == "/v1/health" || alltrue([for method in values(methods) : can(method.security)])]) && length(aws_api_gateway_method_settings.capture) == 0
    error_message = "the route of pages is there only where a client begins capture sessions"
  }
}

run "pages_capture_within_a_throttle_of_their_own" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    captures = true
  }

  assert {
    condition     = !can(jsondecode(aws_api_gateway_rest_api.rest_api.body).paths["/v1/capture"].post.security) && jsondecode(aws_api_gateway_rest_api.rest_api.body).paths["/v1/capture"].post["x-amazon-apigateway-integration"].uri == aws_lambda_alias.live["tokenize"].invoke_arn && !can(jsondecode(aws_api_gateway_rest_api.rest_api.body).paths["/people/v1/tokenize"])
    error_message = "a page needs no access token and no API key for that one route"
  }

  assert {
    condition     = one(aws_api_gateway_method_settings.capture).method_path == "v1/capture/POST" && one(aws_api_gateway_method_settings.capture).settings[0].throttling_rate_limit == 50 && one(aws_api_gateway_method_settings.capture).settings[0].throttling_burst_limit == 100
    error_message = "all pages together have a limit of their own, which leaves the other routes alone"
  }
}

run "a_single_origin_is_named_by_every_answer" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    allowed_origins = ["https://shop.example"]
  }

  assert {
    condition     = alltrue([for kind, response in jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-gateway-responses"] : response.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://shop.example'"])
    error_message = "API Gateway's own errors name it, all of them"
  }

  assert {
    condition     = alltrue([for path, methods in jsondecode(aws_api_gateway_rest_api.rest_api.body).paths : methods.options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Origin"] == "'https://shop.example'" && !can(methods.options.security)])
    error_message = "each path has a preflight that nobody needs credentials for"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body).paths["/v1/tokenize"].post["x-amazon-apigateway-integration"].uri == aws_lambda_alias.live["tokenize"].invoke_arn && jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-security-policy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    error_message = "routes and settings are what they were"
  }
}

run "of_several_origins_the_requests_is_named" {
  command = apply
  module {
    source = "./modules/regional"
  }
  variables {
    allowed_origins = ["https://shop.example", "http://localhost:3000"]
    firewall        = { requests_per_address = 10000, requests_per_api_key = 100000, blocked_cidrs = [], allowed_countries = [] }
  }

  assert {
    condition     = strcontains(jsondecode(aws_api_gateway_rest_api.rest_api.body).paths["/v1/tokenize"].options["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"], "#if($origin == \"https://shop.example\" || $origin == \"http://localhost:3000\")")
    error_message = "a preflight compares the request's origin with each of them"
  }

  assert {
    condition     = { for kind, response in jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-gateway-responses"] : response.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] => kind... }["'https://shop.example'"] == ["WAF_FILTERED"]
    error_message = "what the firewall refuses is never repeated"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.rest_api.body)["x-amazon-apigateway-gateway-responses"].THROTTLED.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "method.request.header.Origin"
    error_message = "the other errors repeat the origin that the firewall let through"
  }
}

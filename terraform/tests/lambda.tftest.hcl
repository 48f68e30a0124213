# How functions are run, and what the root refuses of it. Offline: no account, no emulator.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_servicequotas_service_quota" {
    defaults = { value = 300 }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
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
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:123456789012:mocked" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mocked" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/mocked", stream_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/mocked/stream/2026-01-01T00:00:00.000" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_mocked", endpoint = "cognito-idp.us-east-1.amazonaws.com/us-east-1_mocked" }
  }
}

mock_provider "aws" {
  alias = "replica"
}

# Network and firewall have tests of their own, and the whole has composition.tftest.hcl.
variables {
  network    = null
  firewall   = null
  region     = "us-east-1"
  vault_id   = "test-vault"
  info_types = { card_number = {} }
  tenants    = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"] } } } }
}

run "a_new_version_takes_a_share" {
  command = apply
  variables {
    rollout     = { tokenize = { stable_version = "6", new_share = 0.1 } }
    concurrency = { tokenize = { reserved = 50, provisioned = 5 } }
    backup      = { keep_days = 90 }
  }

  assert {
    condition     = output.function_versions.tokenize == "7"
    error_message = "the newest version is told"
  }

  assert {
    condition     = local.deployed.tokenize.rollout.stable_version == "6" && local.deployed.reveal.rollout == null
    error_message = "only the function that was named shares its calls"
  }

  assert {
    condition     = local.deployed.tokenize.provisioned_concurrency == 5 && local.deployed.archive.provisioned_concurrency == null
    error_message = "as many are kept warm as was asked"
  }

  assert {
    condition     = local.functions.reveal.environment.TOKENVAULT_BACKUP_DAYS == "90"
    error_message = "an erasure receipt counts the longest copy"
  }

  assert {
    condition     = toset(keys(local.archive_function.environment)) == toset(["TOKENVAULT_FUNCTION", "TOKENVAULT_ARCHIVE_BUCKET"])
    error_message = "the archiver is told of no key and no table"
  }
}

run "functions_learn_of_allowed_origins" {
  command = plan
  variables {
    allowed_origins = ["https://shop.example"]
  }

  assert {
    condition     = { for name, function in local.deployed : name => lookup(function.environment, "TOKENVAULT_ALLOWED_ORIGINS", null) } == { tokenize = "https://shop.example", reveal = "https://shop.example", maintain = null, archive = null }
    error_message = "those that answer the API, and no other"
  }
}

run "refuses_several_origins_without_a_firewall" {
  command = plan
  variables {
    allowed_origins = ["https://shop.example", "https://office.example"]
  }
  expect_failures = [var.firewall]
}

run "reserves_what_the_account_has" {
  command = plan
  variables {
    concurrency = { tokenize = { reserved = 150 }, reveal = { reserved = 50 } }
  }

  assert {
    condition     = local.reserved_concurrency == 200
    error_message = "with the 100 that Lambda keeps, that is all of the account's 300"
  }
}

run "refuses_to_reserve_more_than_the_account_has" {
  command = plan
  variables {
    concurrency = { tokenize = { reserved = 150 }, reveal = { reserved = 51 } }
  }
  expect_failures = [data.aws_servicequotas_service_quota.lambda]
}

run "warns_of_a_new_account" {
  command = plan
  override_data {
    target = data.aws_servicequotas_service_quota.lambda[0]
    values = { value = 10 }
  }
  expect_failures = [check.concurrency]
}

run "refuses_more_usage_plans_than_the_account_has" {
  command = plan
  override_data {
    target = data.aws_servicequotas_service_quota.usage_plans[0]
    values = { value = 1 }
  }
  variables {
    tenants = { shop = { clients = {
      checkout = { actions = ["tokenize"], types = ["*"] }
      bulk     = { actions = ["tokenize"], types = ["*"], throttle = { requests_per_second = 500 } }
    } } }
  }
  expect_failures = [data.aws_servicequotas_service_quota.usage_plans]
}

run "asks_no_quota_unless_it_may" {
  command = plan
  variables {
    check_quotas = false
    concurrency  = { tokenize = { reserved = 5000 } }
  }

  assert {
    condition     = length(data.aws_servicequotas_service_quota.lambda) == 0
    error_message = "a deployer without servicequotas:GetServiceQuota can plan"
  }
}

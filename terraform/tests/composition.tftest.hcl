# The modules together, as a platform engineer switches them on. Offline: no account, no emulator.

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
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:layer:tokenvault-bulk-parquet-us-east-1:1" }
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
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
  mock_resource "aws_vpc_endpoint" {
    defaults = { id = "vpce-00000000", prefix_list_id = "pl-00000000" }
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

mock_provider "aws" {
  alias = "replica"

  mock_resource "aws_kms_replica_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
  }
  mock_resource "aws_dynamodb_table_replica" {
    defaults = { arn = "arn:aws:dynamodb:us-west-2:123456789012:table/mocked" }
  }
}

variables {
  region     = "us-east-1"
  vault_id   = "test-vault"
  info_types = { card_number = {} }
  tenants    = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"] } } } }
}

run "a_few_variables_give_the_whole" {
  command = apply

  variables {
    replica_region = "us-west-2"
    tables         = { capacity = { read_max = 100, write_max = 100 } }

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }
  }

  assert {
    condition     = output.url == "https://vault.example.com"
    error_message = "the domain is where the API answers"
  }

  assert {
    condition     = module.regional.only_from == { key = "aws:SourceVpce", id = "vpce-00000000" }
    error_message = "the tables know the endpoint that the functions come through"
  }

  assert {
    condition     = module.regional.web_acl_metric == "tokenvault-us-east-1"
    error_message = "the firewall is on unless it is switched off, and its alarm knows its name"
  }

  assert {
    condition     = module.keys.replica_arns.tables == "arn:aws:kms:us-west-2:123456789012:key/mrk-00000000000000000000000000000000"
    error_message = "a second Region is one variable"
  }

  assert {
    condition     = length(module.bulk) == 0 && output.bulk == null && local.bulk_calls == {}
    error_message = "nothing of imports over S3 is there unless it is asked for, nor a way to it"
  }
}

run "a_network_that_is_there_already" {
  command = apply

  variables {
    network  = { existing = { vpc_id = "vpc-00000000", subnet_ids = ["subnet-00000001", "subnet-00000002"], security_group_ids = ["sg-00000000"] } }
    firewall = null
    api      = { private_endpoint_ids = ["vpce-00000001"] }
  }

  assert {
    condition     = module.regional.only_from == { key = "aws:SourceVpc", id = "vpc-00000000" }
    error_message = "the tables know the VPC that the functions come from"
  }

  assert {
    condition     = module.regional.web_acl_metric == null && module.regional.domain == null
    error_message = "what is switched off is not there"
  }
}

run "imports_over_s3" {
  command = apply

  variables {
    bulk = { client = "shop/checkout" }
  }

  assert {
    condition     = module.bulk[0].bucket == "tokenvault-bulk-123456789012-us-east-1" && output.bulk.bucket == module.bulk[0].bucket
    error_message = "one variable, and files go in"
  }

  assert {
    condition     = local.bulk_calls.lambda == { actions = ["lambda:InvokeFunction"], resources = ["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-take-in-us-east-1"] } && contains(local.s3_calls.resources, "arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/*")
    error_message = "the VPC has a way to that one function and to that bucket"
  }
}

run "exports_over_s3" {
  command = apply

  variables {
    tenants = { shop = { clients = {
      checkout = { actions = ["tokenize"], types = ["*"] }
      mover    = { actions = ["export"], types = ["*"], purposes = ["moving"], approval = { over_per_hour = 0 } }
      officer  = { actions = ["approve"], types = ["*"] }
    } } }
    bulk = { client = "shop/checkout", export_client = "shop/mover", parquet = true }
  }

  assert {
    condition     = output.bulk.export_state_machine_arn != null && contains(local.bulk_calls.lambda.resources, "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-give-out-us-east-1")
    error_message = "one field more, and a vault goes out"
  }
}

run "exports_that_nobody_approves_are_warned_of" {
  command = plan

  variables {
    tenants = { shop = { clients = {
      checkout = { actions = ["tokenize"], types = ["*"] }
      mover    = { actions = ["export"], types = ["*"], purposes = ["moving"] }
    } } }
    bulk = { client = "shop/checkout", export_client = "shop/mover" }
  }

  expect_failures = [check.exports_are_approved]
}

run "exports_need_a_client_that_may" {
  command = plan

  variables {
    bulk = { client = "shop/checkout", export_client = "shop/settlement" }
  }

  expect_failures = [var.bulk]
}

run "imports_need_a_client_that_may" {
  command = plan

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["settlement"] } } } }
    bulk    = { client = "shop/settlement" }
  }

  expect_failures = [var.bulk]
}

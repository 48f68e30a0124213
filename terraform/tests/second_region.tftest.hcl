# Two Regions that both serve, from one root. Offline: no account, no emulator.

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
  mock_resource "aws_api_gateway_api_key" {
    defaults = { value = "AnApiKeyOfThirtyCharactersOrSo" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { id = "us-east-1_mocked", arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_mocked", endpoint = "cognito-idp.us-east-1.amazonaws.com/us-east-1_mocked" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = { arn = "arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/live" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }
}

mock_provider "aws" {
  alias = "replica"

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
    defaults = { name = "us-west-2" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
  }
  mock_resource "aws_kms_replica_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
  }
  mock_resource "aws_dynamodb_table_replica" {
    defaults = { arn = "arn:aws:dynamodb:us-west-2:123456789012:table/mocked" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-west-2:123456789012:function:mocked", version = "7" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:us-west-2:123456789012:function:mocked:live", invoke_arn = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:123456789012:function:mocked:live/invocations" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-west-2:123456789012:log-group:mocked" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-west-2:123456789012:rule/mocked" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-west-2:123456789012:mocked" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-west-2:123456789012:mocked" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:us-west-2:123456789012:table/mocked", stream_arn = "arn:aws:dynamodb:us-west-2:123456789012:table/mocked/stream/2026-01-01T00:00:00.000" }
  }
  mock_resource "aws_api_gateway_api_key" {
    defaults = { value = "AnApiKeyOfThirtyCharactersOrSo" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { id = "us-west-2_mocked", arn = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_mocked", endpoint = "cognito-idp.us-west-2.amazonaws.com/us-west-2_mocked" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = { arn = "arn:aws:apigateway:us-west-2::/restapis/a1b2c3d4e5/stages/live" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }
}

variables {
  region     = "us-east-1"
  vault_id   = "test-vault"
  info_types = { card_number = {} }
  tenants = {
    shop = {
      clients = {
        checkout = { actions = ["tokenize"], types = ["*"] }
        desk     = { actions = ["read"], types = ["*"], kind = "browser", callback_urls = ["https://desk.example/"] }
      }
      groups = { support = { actions = ["read"], types = ["*"] } }
    }
  }

  network  = null
  firewall = null

  replica_region = "us-west-2"
  replica_serves = true
}

run "both_regions_serve" {
  command = apply

  variables {
    replica_deletion_protection = false
    dns                         = { zone_id = "Z0000000000000000000" }

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }

    replica_domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }
  }

  assert {
    condition = [for region in ["us-east-1", "us-west-2"] : local.functions_of[region].tokenize.environment.TOKENVAULT_REGION_SLOTS] == [
      "0,2,4,6,8,10,12,14", "1,3,5,7,9,11,13,15"
    ]
    error_message = "each slot has one Region, or two Regions could draw one token"
  }

  assert {
    condition = alltrue([for region in ["us-east-1", "us-west-2"] : alltrue([
      local.functions_of[region].maintain.environment.TOKENVAULT_REGIONS == "us-east-1,us-west-2",
      local.functions_of[region].reveal.environment.TOKENVAULT_REGION_COUNT == "2",
      strcontains(local.functions_of[region].reveal.environment.TOKENVAULT_VAULT_KEK_ARN, ":${region}:"),
    ])])
    error_message = "maintenance waits for the marks of both, budgets are shared by two, keys are those of the Region"
  }

  assert {
    condition     = toset([for arn in values(module.functions_replica[0].role_names) : endswith(arn, "-us-west-2")]) == toset([true])
    error_message = "the second Region's functions have roles of their own"
  }

  assert {
    condition = alltrue(flatten([for service in ["dynamodb", "kms"] : [
      for resource in module.functions_replica[0].calls[service].resources : strcontains(resource, ":us-west-2:")
    ]]))
    error_message = "a role uses nothing of the other Region"
  }

  assert {
    condition     = toset([for identity in jsondecode(local.policy_document).tenants.shop.clients.checkout.identities : "${identity.issuer} ${identity.api_key_id}"]) == toset(flatten([for pool in [module.identity, module.identity_replica[0]] : [for keys in [module.identity, module.identity_replica[0]] : "${pool.issuer} ${keys.api_keys["shop/checkout"].id}"]]))
    error_message = "a client is known by the access tokens of either pool, with the API key of either Region"
  }

  assert {
    condition     = [for identity in jsondecode(local.policy_document).tenants.shop.clients.desk.identities : [identity.client_id, identity.api_key_id]] == [for pool in [module.identity, module.identity_replica[0]] : [pool.clients["shop/desk"].client_id, null]]
    error_message = "a person is known by the access tokens of either pool, without an API key"
  }

  assert {
    condition     = output.replica_clients[*].name == ["checkout"]
    error_message = "a client that people sign in to has no secret in the second Region either"
  }

  assert {
    condition     = output.replica_clients[0].api_key == output.clients[0].api_key && output.replica_clients[0].client_secret != output.clients[0].client_secret
    error_message = "a client has one API key, and a secret for each pool"
  }

  assert {
    condition     = output.replica.region == "us-west-2" && output.replica.audit_archive_bucket != output.audit_archive_bucket && output.replica.tables == output.tables
    error_message = "the tools find the second Region in one output"
  }

  assert {
    condition     = [for record in [aws_route53_record.domain["us-east-1"], aws_route53_record.domain["us-west-2"]] : record.failover_routing_policy[0].type] == ["PRIMARY", "SECONDARY"]
    error_message = "everybody is sent to the first Region while it answers"
  }

  assert {
    condition     = output.deletion_protection && !output.replica.deletion_protection
    error_message = "the second Region can be taken out while the first stays protected"
  }

  assert {
    condition     = toset(values(aws_route53_health_check.region)[*].type) == toset(["TCP"])
    error_message = "a health check has no client certificate, so it asks for a connection only"
  }
}

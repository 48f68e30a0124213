# Offline: no account, no emulator. ARNs get a shape, since the provider checks it.

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
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:mocked", version = "1" }
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
  network  = null
  firewall = null
  region   = "us-east-1"
  vault_id = "test-vault"

  info_types = {
    card_number = { options = { keep_last = 4 } }
    note        = { format = "text", default_ttl_seconds = 60, max_ttl_seconds = 3600 }
  }

  tenants = {
    shop = {
      canaries = ["9490532698211111"]
      clients = {
        checkout   = { actions = ["tokenize", "read"], types = ["card_number"] }
        settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], reveals_per_hour = 100 }
      }
    }
  }
}

run "the_policy_says_what_the_variables_say" {
  command = apply

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.checkout.types == ["card_number"]
    error_message = "a client has the types that it was given"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.types == ["card_number", "note"]
    error_message = "a client that may use all has each type by its name"
  }

  assert {
    condition     = jsondecode(local.policy_document).types.card_number.options == { keep_last = 4 } && jsondecode(local.policy_document).types.card_number.format == "card_number"
    error_message = "options that were not given are left out, and the name is the format"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.checkout.identities[0].issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_mocked"
    error_message = "a client is known by its pool's issuer"
  }

  assert {
    condition     = local.functions.tokenize.environment.TOKENVAULT_POLICY_SHA256 == sha256(local.policy_document)
    error_message = "the functions are given the digest of the policy"
  }

  assert {
    condition     = !contains(keys(local.functions.tokenize.environment), "TOKENVAULT_VAULT_KEK_ARN") && contains(keys(local.functions.reveal.environment), "TOKENVAULT_VAULT_KEK_ARN")
    error_message = "only functions that need it are told of the vault KEK"
  }

  assert {
    condition     = local.functions.tokenize.environment.TOKENVAULT_REGION_SLOTS == "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
    error_message = "one Region owns all slots"
  }
}

run "canaries_are_written" {
  command = apply

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.canaries == ["9490532698211111"]
    error_message = "the policy names the canaries of each tenant"
  }
}

run "budgets_are_written_for_those_who_have_one" {
  command = apply

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.reveals_per_hour == 100 && jsondecode(local.policy_document).tenants.shop.clients.checkout.reveals_per_hour == null
    error_message = "a client has the budget that it was given, and no other"
  }

  assert {
    condition     = local.functions.tokenize.environment.TOKENVAULT_REGION_COUNT == "1" && !contains(keys(local.functions.maintain.environment), "TOKENVAULT_BUDGETS_TABLE")
    error_message = "the serving functions know how many Regions share a budget"
  }
}

run "records_of_a_request_are_sealed_together_by_default" {
  command = apply

  assert {
    condition     = toset([for function in local.functions : function.environment.TOKENVAULT_SEAL_PER_REQUEST]) == toset(["on"])
    error_message = "every function seals the records of a request together"
  }
}

run "records_are_sealed_one_by_one_while_an_earlier_release_reads" {
  command = apply

  variables {
    seal_per_request = false
  }

  assert {
    condition     = toset([for function in local.functions : function.environment.TOKENVAULT_SEAL_PER_REQUEST]) == toset(["off"])
    error_message = "no function writes what an earlier release cannot open"
  }
}

run "tables_are_protected_by_default" {
  command = plan

  assert {
    condition     = var.deletion_protection && var.key_deletion_window_days == 30
    error_message = "the defaults keep what is stored"
  }
}

run "refuses_a_bad_name" {
  command = plan
  variables {
    name = "Token_Vault"
  }
  expect_failures = [var.name]
}

run "refuses_a_name_that_cognito_does_not_take" {
  command = plan
  variables {
    name = "lawscan" # "aws" is in it
  }
  expect_failures = [var.name]
}

run "refuses_a_bad_vault_id" {
  command = plan
  variables {
    vault_id = "x"
  }
  expect_failures = [var.vault_id]
}

run "refuses_no_types" {
  command = plan
  variables {
    info_types = {}
    tenants    = {}
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_mode" {
  command = plan
  variables {
    info_types = { card_number = { mode = "sometimes" }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_time_limit_on_deterministic_types" {
  command = plan
  variables {
    info_types = { card_number = { mode = "deterministic", default_ttl_seconds = 60 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_default_over_the_longest_time" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 61, max_ttl_seconds = 60 } }
  }
  expect_failures = [var.info_types]
}

run "takes_every_format" {
  command = plan
  variables {
    info_types = {
      card_number            = { options = { keep_first = 6, mask_last = 4 }, expected_tokens = 50000 }
      us_ssn                 = { mode = "deterministic", options = { accept_itin = true } }
      iban                   = { options = { keep_country = false } }
      email                  = { mode = "deterministic", options = { fold_local = true, mask_domain = false } }
      phone                  = {}
      date                   = { options = { keep_year = true, mask_year = true } }
      digits                 = {}
      note                   = { format = "text" }
      json                   = {}
      card_verification_code = { default_ttl_seconds = 600 }
      member                 = { format = "custom", options = { alphabet = "0123456789", min_length = 8, max_length = 12, check_digit = "luhn" } }
      company                = { format = "standard_number", options = { scheme = "br.cnpj" } }
    }
  }

  assert {
    condition     = jsondecode(local.policy_document).types.card_number.expected_tokens == 50000 && jsondecode(local.policy_document).types.member.options.check_digit == "luhn" && jsondecode(local.policy_document).types.company.options.scheme == "br.cnpj"
    error_message = "options and expectations stand in the policy as they were given"
  }
}

run "refuses_a_format_that_does_not_exist" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "fax" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_name_that_is_no_format" {
  command = plan
  variables {
    info_types = { card_number = {}, note = {} }
  }
  expect_failures = [var.info_types]
}

run "refuses_less_than_one_expected_token" {
  command = plan
  variables {
    info_types = { card_number = { expected_tokens = 0 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_verification_codes" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "card_verification_code" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_verification_codes_for_long" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "card_verification_code", default_ttl_seconds = 600, max_ttl_seconds = 7200 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_less_than_nothing" {
  command = plan
  variables {
    info_types = { card_number = { options = { keep_last = -1 } }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_standard_number_without_a_scheme" {
  command = plan
  variables {
    info_types = { card_number = {}, company = { format = "standard_number" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_scheme_of_another_format" {
  command = plan
  variables {
    info_types = { card_number = {}, company = { format = "digits", options = { scheme = "br.cnpj" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_custom_format_without_an_alphabet" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { length = 8 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_custom_format_with_two_lengths" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 8, min_length = 6, max_length = 9 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_alphabet_of_card_numbers" {
  command = plan
  variables {
    info_types = { card_number = { options = { alphabet = "01" } }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_check_digit" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 8, check_digit = "damm" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_action" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["decrypt"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_client_that_may_do_nothing" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = [], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_full_reveal_without_a_purpose" {
  command = plan
  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_bad_purpose" {
  command = plan
  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["Refund!"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_type_that_does_not_exist" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["iban"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_tenant_name_that_could_split_a_key" {
  command = plan
  variables {
    tenants = { "shop#1" = { clients = { checkout = { actions = ["tokenize"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_budget_of_nothing" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], searches_per_hour = 0 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_half_a_reveal" {
  command = plan
  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], reveals_per_hour = 1.5 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_short_deletion_window" {
  command = plan
  variables {
    key_deletion_window_days = 3
  }
  expect_failures = [var.key_deletion_window_days]
}

run "refuses_an_administrator_that_is_no_principal" {
  command = plan
  variables {
    key_administrator_arns = ["*"]
  }
  expect_failures = [var.key_administrator_arns]
}

run "refuses_an_auditor_that_is_no_principal" {
  command = plan
  variables {
    auditor_arns = ["*"]
  }
  expect_failures = [var.auditor_arns]
}

run "refuses_a_cache_without_end" {
  command = plan
  variables {
    key_cache_seconds = 86400
  }
  expect_failures = [var.key_cache_seconds]
}

run "refuses_too_little_memory" {
  command = plan
  variables {
    memory_mb = { tokenize = 128 }
  }
  expect_failures = [var.memory_mb]
}

run "refuses_a_retention_that_cloudwatch_does_not_have" {
  command = plan
  variables {
    log_retention_days = 100
  }
  expect_failures = [var.log_retention_days]
}

run "refuses_a_client_that_names_no_types" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_client_with_an_empty_list_of_types" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = [] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_all_types_and_one_more" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*", "note"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_time_limit_of_no_calendar" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 1000000000000 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_longest_time_of_no_calendar" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 60, max_ttl_seconds = 3162240001 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_no_time" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 0 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_half_a_second" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 1.5 } }
  }
  expect_failures = [var.info_types]
}

run "takes_a_hundred_years" {
  command = plan
  variables {
    info_types = { card_number = { expected_tokens = 1000000000000 }, note = { format = "text", default_ttl_seconds = 3162240000, max_ttl_seconds = 3162240000 } }
  }

  assert {
    condition     = jsondecode(local.policy_document).types.note.max_ttl_seconds == 3162240000
    error_message = "the bound of the API itself is taken"
  }
}

run "refuses_more_tokens_than_anybody_counts" {
  command = plan
  variables {
    info_types = { card_number = { expected_tokens = 1000000000001 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_budget_that_is_none" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], searches_per_hour = 1000000000001 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_length_that_no_token_has" {
  command = plan
  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 1000000 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_throttle_of_nothing" {
  command = plan
  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], throttle = { burst = 0 } } } } }
  }
  expect_failures = [var.tenants]
}

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
        settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], reveals_per_hour = 100, on_behalf_of = true, approval = { over_per_hour = 10 }, fields = ["expiry"], assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJIJaxLjvmcVKrLffU/8hs2xahUHR\naD8KQOeRFaFCLNYJNxbLiFwc2kforpU/467b33XgIXTWZtuGaTTKd1S1Eg==\n-----END PUBLIC KEY-----\n" } } }
        officer    = { actions = ["approve"], types = ["*"] }
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

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.canaries == ["9490532698211111"]
    error_message = "the policy names the canaries of each tenant"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.reveals_per_hour == 100 && jsondecode(local.policy_document).tenants.shop.clients.checkout.reveals_per_hour == null
    error_message = "a client has the budget that it was given, and no other"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.fields == ["expiry"] && jsondecode(local.policy_document).tenants.shop.clients.checkout.fields == null
    error_message = "a client is held to the fields that it was given, and by default to none"
  }

  assert {
    condition     = local.functions.tokenize.environment.TOKENVAULT_REGION_COUNT == "1" && !contains(keys(local.functions.maintain.environment), "TOKENVAULT_BUDGETS_TABLE")
    error_message = "the serving functions know how many Regions share a budget"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.approval == { over_per_hour = 10, types = [], valid_seconds = 3600 } && jsondecode(local.policy_document).tenants.shop.clients.checkout.approval == null
    error_message = "reveals need approval where that was asked for, and by default not"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.on_behalf_of && !jsondecode(local.policy_document).tenants.shop.clients.checkout.on_behalf_of
    error_message = "a client's word for whom it reveals is taken where it was given, and by default not"
  }

  assert {
    condition     = jsondecode(local.policy_document).tenants.shop.clients.settlement.assertions.max_age_seconds == 300 && jsondecode(local.policy_document).tenants.shop.clients.checkout.assertions == null
    error_message = "assertions are taken from whom that was said of, and by default from nobody"
  }

  assert {
    condition     = toset([for function in local.functions : function.environment.TOKENVAULT_SEAL_PER_REQUEST]) == toset(["on"])
    error_message = "every function seals the records of a request together"
  }

  assert {
    condition     = !anytrue([for function in local.functions : contains(keys(function.environment), "TOKENVAULT_FAST_PATH")])
    error_message = "no function is told to leave the fast path out"
  }

  assert {
    condition     = !local.exports
    error_message = "nobody exports unless asked, and then no function that opens records lists them"
  }

  assert {
    condition     = !local.retokenizes && !contains(keys(local.functions.reveal.environment), "TOKENVAULT_HMAC_KEY_ARN")
    error_message = "no type has another PRF key unless asked, and then no function that opens records derives"
  }

  assert {
    condition     = !anytrue([for function in local.functions : contains(keys(function.environment), "TOKENVAULT_RESTORING")])
    error_message = "no function keeps the API closed unless asked"
  }
}

run "only_where_a_client_exports_may_the_revealing_function_list" {
  command = plan

  variables {
    tenants = { shop = { clients = { mover = { actions = ["export"], types = ["*"], purposes = ["moving"] } } } }
  }

  assert {
    condition     = local.exports
    error_message = "the functions are told that a client exports"
  }
}

run "only_where_a_type_has_another_prf_key_may_the_revealing_function_derive" {
  command = plan

  variables {
    info_types = { note = { format = "text", mode = "deterministic", prf_key = 2 } }
    tenants    = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["note"] } } } }
  }

  assert {
    condition     = local.retokenizes && jsondecode(local.policy_document).types.note.prf_key == 2
    error_message = "the functions are told which key a type has, and that the revealing one may derive"
  }
}

run "both_api_keys_of_a_client_are_in_its_policy_and_in_its_plan" {
  command = apply

  variables {
    tenants = {
      shop = {
        clients = {
          checkout = { actions = ["tokenize"], types = ["*"], api_keys = ["a", "b"] }
          support  = { actions = ["read"], types = ["*"] }
        }
      }
    }
  }

  assert {
    condition     = toset(jsondecode(local.policy_document).tenants.shop.clients.checkout.identities[*].api_key_id) == toset([module.identity.api_keys["shop/checkout"].id, module.identity.api_keys["shop/checkout/b"].id])
    error_message = "an access token of the client may come with either of its keys"
  }

  assert {
    condition     = length(distinct(jsondecode(local.policy_document).tenants.shop.clients.checkout.identities[*].client_id)) == 1 && length(jsondecode(local.policy_document).tenants.shop.clients.support.identities) == 1
    error_message = "both are of the one client, and another client has its own alone"
  }

  assert {
    condition     = [for client in output.clients : client.api_key == client.api_keys["b"] && client.api_key != client.api_keys["a"] if client.name == "checkout"] == [true]
    error_message = "the key that is handed out is the last one of the list"
  }

  assert {
    condition     = output.client_ids["shop/checkout"] == module.identity.clients["shop/checkout"].client_id
    error_message = "ids of app clients are no secret, and have an output of their own"
  }
}

run "functions_take_the_longer_ways_and_stay_closed_when_asked" {
  command = apply

  variables {
    seal_per_request = false
    fast_path        = false
    restoring        = true
  }

  assert {
    condition     = toset([for function in local.functions : function.environment.TOKENVAULT_SEAL_PER_REQUEST]) == toset(["off"])
    error_message = "no function writes what an earlier release cannot open"
  }

  assert {
    condition     = toset([for function in local.functions : function.environment.TOKENVAULT_FAST_PATH]) == toset(["off"])
    error_message = "every function leaves the fast path out"
  }

  assert {
    condition     = local.functions.tokenize.environment.TOKENVAULT_RESTORING == "on" && local.functions.reveal.environment.TOKENVAULT_RESTORING == "on"
    error_message = "both serving functions keep the API closed"
  }
}

run "tables_are_protected_by_default" {
  command = plan

  assert {
    condition     = var.deletion_protection && var.key_deletion_window_days == 30
    error_message = "the defaults keep what is stored"
  }
}

run "takes_every_format" {
  command = plan
  variables {
    info_types = {
      card_number            = { options = { keep_first = 6, mask_last = 4, brand = true, bin_digits = 8, fingerprint = true }, expected_tokens = 50000 }
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

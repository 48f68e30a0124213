# modules/identity, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { id = "eu-central-1_mocked", endpoint = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_mocked" }
  }
}

run "readme_example" {
  command = apply

  module {
    source = "./modules/identity"
  }

  variables {
    name              = "tokenvault"
    account           = "123456789012"
    threat_protection = "ENFORCED"

    clients = {
      "shop/checkout"   = ["tokenize", "read"]
      "shop/settlement" = ["detokenize"]
      "shop/desk"       = ["detokenize.masked", "read"]
    }

    people = {
      "shop/desk" = { callback_urls = ["https://desk.example/signed-in", "http://127.0.0.1:43117/"] }
    }
    groups = ["shop/support"]
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only && aws_cognito_user_pool.this.mfa_configuration == "ON"
    error_message = "nobody signs up alone, and people need a second factor"
  }

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_tier == "PLUS" && aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
    error_message = "threat protection comes with the plan that has it"
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE" && aws_cognito_user_pool.this.password_policy[0].minimum_length >= 14
    error_message = "the pool is protected, and so are its passwords"
  }

  assert {
    condition     = alltrue([for client in values(aws_cognito_user_pool_client.this) : client.allowed_oauth_flows == toset(["client_credentials"]) && client.generate_secret && length(client.explicit_auth_flows) == 0])
    error_message = "clients have the flow of machines, and no other"
  }

  assert {
    condition     = keys(aws_cognito_user_pool_client.people) == ["shop/desk"] && !contains(keys(aws_cognito_user_pool_client.this), "shop/desk") && !contains(keys(aws_api_gateway_api_key.this), "shop/desk") && !contains(keys(output.secrets), "shop/desk") && !aws_cognito_user_pool_client.people["shop/desk"].generate_secret
    error_message = "a client that people sign in to has no secret and no API key"
  }

  assert {
    condition     = alltrue([for client in values(aws_cognito_user_pool_client.people) : client.allowed_oauth_flows == toset(["code"]) && client.refresh_token_rotation[0].feature == "ENABLED" && !contains(client.explicit_auth_flows, "ALLOW_REFRESH_TOKEN_AUTH") && client.enable_token_revocation && client.prevent_user_existence_errors == "ENABLED"])
    error_message = "people sign in by code, and a refresh token is good once"
  }

  assert {
    condition     = aws_cognito_user_group.this["shop/support"].name == "shop/support" && output.clients["shop/desk"].scopes == ["vault/detokenize.masked", "vault/read"] && output.domain == "https://tokenvault-123456789012.auth.eu-central-1.amazoncognito.com"
    error_message = "groups are named with their tenant, and the client is told like any other"
  }

  assert {
    condition     = aws_cognito_user_pool_client.this["shop/settlement"].allowed_oauth_scopes == toset(["vault/detokenize"])
    error_message = "a client has the scopes of its actions"
  }

  assert {
    condition     = output.token_url == "https://tokenvault-123456789012.auth.eu-central-1.amazoncognito.com/oauth2/token"
    error_message = "access tokens come from the pool's domain"
  }
}

variables {
  name    = "tokenvault"
  account = "123456789012"
  clients = {}
}

run "a_second_api_key_leaves_the_first_where_it_is" {
  command = apply

  module {
    source = "./modules/identity"
  }

  variables {
    clients  = { "shop/checkout" = ["tokenize"], "shop/settlement" = ["read"] }
    api_keys = { "shop/checkout" = ["a", "b"] }
  }

  assert {
    condition     = toset(keys(aws_api_gateway_api_key.this)) == toset(["shop/checkout", "shop/checkout/b", "shop/settlement"])
    error_message = "the first key has the address that stacks of one key have it at"
  }

  assert {
    condition     = aws_api_gateway_api_key.this["shop/checkout"].name == "tokenvault-shop-checkout" && aws_api_gateway_api_key.this["shop/checkout/b"].name == "tokenvault-shop-checkout-b"
    error_message = "and its name"
  }

  assert {
    condition     = output.api_keys["shop/checkout/b"].client == "shop/checkout" && output.api_keys["shop/checkout/b"].id == aws_api_gateway_api_key.this["shop/checkout/b"].id
    error_message = "each key says whose it is"
  }

  assert {
    condition     = keys(output.secrets["shop/checkout"].api_keys) == ["a", "b"] && keys(output.secrets["shop/settlement"].api_keys) == ["a"]
    error_message = "keys are told by their names; a client that is not named has one"
  }
}

run "the_first_api_key_goes_and_the_second_stays" {
  command = apply

  module {
    source = "./modules/identity"
  }

  variables {
    clients  = { "shop/checkout" = ["tokenize"], "shop/settlement" = ["read"] }
    api_keys = { "shop/checkout" = ["b"] }
  }

  assert {
    condition     = aws_api_gateway_api_key.this["shop/checkout/b"].id == run.a_second_api_key_leaves_the_first_where_it_is.api_keys["shop/checkout/b"].id && !contains(keys(aws_api_gateway_api_key.this), "shop/checkout")
    error_message = "the key that stays is the one that was there"
  }
}

run "refuses_api_keys_that_are_none" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients  = { "shop/checkout" = ["tokenize"], "shop/settlement" = ["read"] }
    api_keys = { "shop/checkout" = ["a", "b", "c"], "shop/settlement" = ["a", "a"] }
  }

  expect_failures = [var.api_keys]
}

run "refuses_an_api_key_of_nobody" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients  = { "shop/checkout" = ["tokenize"] }
    api_keys = { "shop/nobody" = ["a"] }
  }

  expect_failures = [var.api_keys]
}

run "refuses_what_is_none" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients              = { "shop/checkout" = ["decrypt"] }
    threat_protection    = "ON"
    access_token_minutes = 10000
    groups               = ["support"]
  }

  expect_failures = [var.clients, var.threat_protection, var.access_token_minutes, var.groups]
}

run "refuses_a_sign_in_that_its_access_token_outlasts" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients              = { "shop/desk" = ["detokenize.masked"] }
    api_keys             = {}
    people               = { "shop/desk" = { callback_urls = ["http://127.0.0.1:43117/"], session_hours = 1 } }
    access_token_minutes = 61
  }

  expect_failures = [var.people]
}

run "refuses_a_domain_that_cognito_does_not_take" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    name = "my-cognito-vault"
  }

  expect_failures = [var.name]
}

run "refuses_a_callback_in_the_clear" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients = { "shop/desk" = ["read"] }
    people  = { "shop/desk" = { callback_urls = ["http://desk.example/"] } }
  }

  expect_failures = [var.people]
}

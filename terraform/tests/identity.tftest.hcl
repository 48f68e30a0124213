# modules/identity, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { endpoint = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_mocked" }
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
    }
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only && aws_cognito_user_pool.this.mfa_configuration == "ON"
    error_message = "nobody signs himself up, and people need a second factor"
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

run "refuses_what_is_none" {
  command = plan

  module {
    source = "./modules/identity"
  }

  variables {
    clients              = { "shop/checkout" = ["decrypt"] }
    threat_protection    = "ON"
    access_token_minutes = 10000
  }

  expect_failures = [var.clients, var.threat_protection, var.access_token_minutes]
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

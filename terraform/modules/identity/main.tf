# Who clients are in one Region: the Cognito pool, for each client an app client and an API key, and who signs in.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  actions = {
    "tokenize"          = "Hand values in for tokens."
    "import"            = "Store values under tokens that they have from elsewhere, on record."
    "capture"           = "Begin capture sessions, by which pages hand values in."
    "detokenize"        = "Turn tokens back into values, for a purpose, on record."
    "detokenize.masked" = "See the masks of values, on record."
    "search"            = "Find the token of a known value."
    "read"              = "Read facts about tokens."
    "subjects.read"     = "Read tokens, types and times of subjects, on record."
    "erase"             = "Erase tokens and persons for good."
    "approve"           = "Approve what somebody else asks to reveal or to export, on record."
    "export"            = "Take all tokens out with their values, sealed to a recipient, on record."
  }

  # A client's first API key has the client's own address, so that stacks made with one key keep it.
  api_keys = merge([
    for client in keys(local.services) : {
      for name in lookup(var.api_keys, client, ["a"]) : name == "a" ? client : "${client}/${name}" => { client = client, name = name }
    }
  ]...)

  # Whoever signs in has no secret: a client of people has no API key either, as everybody could read it in a browser.
  services = { for key, actions in var.clients : key => actions if !contains(keys(var.people), key) }

  scopes = { for key, actions in var.clients : key => [for action in actions : "${aws_cognito_resource_server.vault.identifier}/${action}"] }
}

resource "aws_cognito_user_pool" "this" {
  name                = "${var.name}-${data.aws_region.current.name}"
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  user_pool_tier      = var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"
  mfa_configuration   = "ON"

  software_token_mfa_configuration {
    enabled = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  # Nobody resets their own password: an administrator does.
  account_recovery_setting {
    recovery_mechanism {
      name     = "admin_only"
      priority = 1
    }
  }

  username_configuration {
    case_sensitive = false
  }

  user_pool_add_ons {
    advanced_security_mode = var.threat_protection
  }

  password_policy {
    minimum_length                   = 14
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = true
    temporary_password_validity_days = 1
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  domain       = "${var.name}-${var.account}"
  user_pool_id = aws_cognito_user_pool.this.id
}

resource "aws_cognito_resource_server" "vault" {
  identifier   = "vault"
  name         = "tokenvault"
  user_pool_id = aws_cognito_user_pool.this.id

  dynamic "scope" {
    for_each = local.actions

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

resource "aws_cognito_user_pool_client" "this" {
  for_each = local.services

  name                                 = replace(each.key, "/", "-")
  user_pool_id                         = aws_cognito_user_pool.this.id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = local.scopes[each.key]
  explicit_auth_flows                  = []
  access_token_validity                = var.access_token_minutes
  prevent_user_existence_errors        = "ENABLED"

  token_validity_units {
    access_token = "minutes"
  }
}

# People sign in at Cognito's own pages, by authorization code. Cognito verifies PKCE where a client uses it, and ours do.
resource "aws_cognito_user_pool_client" "people" {
  for_each = var.people

  name                                 = replace(each.key, "/", "-")
  user_pool_id                         = aws_cognito_user_pool.this.id
  generate_secret                      = false
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = local.scopes[each.key]
  supported_identity_providers         = ["COGNITO"]
  callback_urls                        = each.value.callback_urls
  logout_urls                          = each.value.logout_urls
  access_token_validity                = var.access_token_minutes
  id_token_validity                    = var.access_token_minutes
  refresh_token_validity               = each.value.session_hours
  enable_token_revocation              = true
  prevent_user_existence_errors        = "ENABLED"

  # Left empty, Cognito takes ALLOW_REFRESH_TOKEN_AUTH for meant, which excludes the rotation of refresh tokens.
  # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
  explicit_auth_flows = ["ALLOW_USER_SRP_AUTH"]

  # A refresh token is good once; ten seconds more for the one whose answer was lost.
  refresh_token_rotation {
    feature                    = "ENABLED"
    retry_grace_period_seconds = 10
  }

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }
}

# What each may do, the policy says; who is in it, an administrator of the pool.
resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  name         = each.value
  user_pool_id = aws_cognito_user_pool.this.id
}

# The policy binds an access token to the API key of its client: one alone opens nothing.
resource "aws_api_gateway_api_key" "this" {
  for_each = local.api_keys

  name  = "${var.name}-${replace(each.key, "/", "-")}"
  value = lookup(var.api_key_values, each.key, null) # null: API Gateway draws one
}

# Who clients are in one Region: the Cognito pool, and for each client an app client and an API key.

data "aws_region" "current" {}

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "account" {
  description = "The AWS account id; part of the pool's domain, which is unique in a Region."
  type        = string
}

variable "clients" {
  description = "Actions of each client, by `tenant/client`. An action is an OAuth scope."
  type        = map(list(string))
}

variable "deletion_protection" {
  description = "Whether the user pool refuses to be deleted."
  type        = bool
}

variable "access_token_minutes" {
  description = "How long an access token lasts."
  type        = number
  default     = 15

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440
    error_message = "access_token_minutes: Cognito takes 5 to 1440."
  }
}

locals {
  actions = {
    "tokenize"          = "Hand values in for tokens."
    "detokenize"        = "Turn tokens back into values, for a purpose, on record."
    "detokenize.masked" = "See the masks of values, on record."
    "search"            = "Find the token of a known value."
    "read"              = "Read facts about tokens."
    "erase"             = "Erase tokens and persons for good."
  }

  scopes = { for key, actions in var.clients : key => [for action in actions : "${aws_cognito_resource_server.vault.identifier}/${action}"] }
}

resource "aws_cognito_user_pool" "this" {
  name                = "${var.name}-${data.aws_region.current.name}"
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration   = "ON"

  software_token_mfa_configuration {
    enabled = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
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
  for_each = var.clients

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

# The policy binds an access token to the API key of its client: one alone opens nothing.
resource "aws_api_gateway_api_key" "this" {
  for_each = var.clients

  name = "${var.name}-${replace(each.key, "/", "-")}"
}

output "user_pool_id" {
  description = "Id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the pool, for the API's authorizer."
  value       = aws_cognito_user_pool.this.arn
}

output "issuer" {
  description = "Issuer of the pool's access tokens."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "token_url" {
  description = "Where clients get access tokens."
  value       = "https://${aws_cognito_user_pool_domain.this.domain}.auth.${data.aws_region.current.name}.amazoncognito.com/oauth2/token"
}

output "clients" {
  description = "What names each client; no secret."
  value = {
    for key in keys(var.clients) : key => {
      client_id  = aws_cognito_user_pool_client.this[key].id
      scopes     = local.scopes[key]
      api_key_id = aws_api_gateway_api_key.this[key].id
    }
  }
}

output "secrets" {
  description = "What each client must keep to itself."
  sensitive   = true
  value = {
    for key in keys(var.clients) : key => {
      client_secret = aws_cognito_user_pool_client.this[key].client_secret
      api_key       = aws_api_gateway_api_key.this[key].value
    }
  }
}

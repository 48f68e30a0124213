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

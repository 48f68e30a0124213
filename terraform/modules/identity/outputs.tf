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

output "domain" {
  description = "Where people sign in."
  value       = "https://${aws_cognito_user_pool_domain.this.domain}.auth.${data.aws_region.current.name}.amazoncognito.com"
}

output "clients" {
  description = "What names each client, of services and of people; no secret."
  value = {
    for key, client in merge(aws_cognito_user_pool_client.this, aws_cognito_user_pool_client.people) : key => {
      client_id = client.id
      scopes    = local.scopes[key]
    }
  }
}

output "api_keys" {
  description = "Whose each API key is, and its id; by the key's address, which is the client's for the first one. No secret."
  value       = { for address, key in local.api_keys : address => merge(key, { id = aws_api_gateway_api_key.this[address].id }) }
}

output "secrets" {
  description = "What each client of a service must keep to itself."
  sensitive   = true
  value = {
    for key in keys(local.services) : key => {
      client_secret = aws_cognito_user_pool_client.this[key].client_secret
      api_keys      = { for address, api_key in local.api_keys : api_key.name => aws_api_gateway_api_key.this[address].value if api_key.client == key }
    }
  }
}

output "api_key_values" {
  description = "Values of the API keys by their address, for the keys of a second Region."
  sensitive   = true
  value       = { for address in keys(local.api_keys) : address => aws_api_gateway_api_key.this[address].value }
}

# The policy: one item that the functions read once a container. Its SHA-256 is in their environment,
# so a change of policy is a deploy, and nobody who can only write to the table changes what they do.

locals {
  policy_document = jsonencode({
    version  = 1
    vault_id = var.vault_id
    types = {
      for name, type in var.info_types : name => {
        format              = coalesce(type.format, name)
        mode                = type.mode
        derivation          = type.derivation
        options             = { for option, value in type.options : option => value if value != null }
        default_ttl_seconds = type.default_ttl_seconds
        max_ttl_seconds     = type.max_ttl_seconds
        expected_tokens     = type.expected_tokens
      }
    }
    tenants = {
      for tenant in keys(var.tenants) : tenant => {
        canaries = var.tenants[tenant].canaries
        clients = {
          for key, client in local.clients : client.name => {
            identities = [{
              issuer     = module.identity.issuer
              client_id  = module.identity.clients[key].client_id
              api_key_id = module.identity.clients[key].api_key_id
            }]
            actions  = client.actions
            types    = client.types
            purposes = client.purposes

            reveals_per_hour              = client.reveals_per_hour
            searches_per_hour             = client.searches_per_hour
            deterministic_tokens_per_hour = client.deterministic_tokens_per_hour
          } if client.tenant == tenant
        }
      }
    }
  })
}

resource "aws_dynamodb_table_item" "policy" {
  table_name = module.vault.tables.policy
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk       = { S = "policy" }
    sk       = { S = "current" }
    document = { S = local.policy_document }
  })

  lifecycle {
    precondition {
      condition     = alltrue([for client in values(local.clients) : alltrue([for limit in [client.reveals_per_hour, client.searches_per_hour, client.deterministic_tokens_per_hour] : limit == null ? true : limit >= length(local.regions)])])
      error_message = "A budget is divided among the Regions, so it must be at least their number. Raise it, or take the action away."
    }

    precondition {
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (item size)
      condition     = length(local.policy_document) < 380000
      error_message = "The policy does not fit into one DynamoDB item (400 KB). Split the tenants over several stacks."
    }
  }
}

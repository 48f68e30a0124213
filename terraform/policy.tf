# The policy: an item that the functions read once a container. Its SHA-256 is its key and is in their environment, so a
# change of policy is a deploy, and nobody who can only write to the table changes what they do. How a change leaves
# every container its own policy: policy_generations.tf.

locals {
  # Only then may the revealing function list what there is (docs/adr/0019-exports.md).
  exports = anytrue([for client in values(local.clients) : contains(client.actions, "export")])

  # Only then may the revealing function derive tokens (docs/adr/0021-prf-keys-with-numbers.md).
  retokenizes = anytrue([for type in values(var.info_types) : coalesce(type.prf_key, 1) > 1])

  # Of the first Region, then of the second.
  identities = [
    for pool in concat([module.identity], module.identity_replica) : {
      issuer   = pool.issuer
      clients  = pool.clients
      api_keys = pool.api_keys
    }
  ]

  user_pool_arns = concat([module.identity.user_pool_arn], module.identity_replica[*].user_pool_arn)

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
        imported_tokens     = type.imported_tokens
        prf_key             = type.prf_key
      }
    }
    tenants = {
      for tenant in keys(var.tenants) : tenant => {
        canaries = var.tenants[tenant].canaries
        clients = {
          for key, client in local.clients : client.name => {
            kind = client.kind
            # Each Region takes the access tokens of every pool, with the API key that it knows; of people, with none, as
            # nobody keeps one secret in a browser.
            identities = flatten([for pool in local.identities : [
              for api_key_id in client.kind == "browser" ? [null] : flatten([for keys in local.identities : [for api_key in keys.api_keys : api_key.id if api_key.client == key]]) : {
                issuer     = pool.issuer
                client_id  = pool.clients[key].client_id
                api_key_id = api_key_id
              }
            ]])
            actions      = client.actions
            types        = client.types
            purposes     = client.purposes
            on_behalf_of = client.on_behalf_of
            assertions   = client.assertions
            approval = client.approval == null ? null : {
              over_per_hour = client.approval.over_per_hour
              types         = client.approval.types
              valid_seconds = client.approval.valid_seconds
            }
            fields = client.fields

            reveals_per_hour              = client.reveals_per_hour
            searches_per_hour             = client.searches_per_hour
            deterministic_tokens_per_hour = client.deterministic_tokens_per_hour
          } if client.tenant == tenant
        }
        groups = {
          for key, group in local.groups : group.name => {
            actions  = group.actions
            types    = group.types
            purposes = group.purposes

            reveals_per_hour              = group.reveals_per_hour
            searches_per_hour             = group.searches_per_hour
            deterministic_tokens_per_hour = group.deterministic_tokens_per_hour
          } if group.tenant == tenant
        }
      }
    }
  })
}

output "region" {
  description = "The Region of the stack."
  value       = var.region
}

output "vault_id" {
  description = "The id that every ciphertext is bound to."
  value       = var.vault_id
}

output "url" {
  description = "Where the API answers."
  value       = module.regional.url
}

output "token_url" {
  description = "Where clients get their access tokens (OAuth 2.0 client credentials)."
  value       = module.identity.token_url
}

output "api_id" {
  description = "Id of the REST API."
  value       = module.regional.api_id
}

output "stage" {
  description = "Name of the API's stage."
  value       = module.regional.stage
}

output "user_pool_id" {
  description = "Id of the Cognito user pool."
  value       = module.identity.user_pool_id
}

output "user_pool_issuer" {
  description = "Issuer of the access tokens."
  value       = module.identity.issuer
}

output "tables" {
  description = "Names of the tables: vault, keys, policy, audit, subjects, idempotency, budgets."
  value       = module.vault.tables
}

output "audit_key_arn" {
  description = "The KMS key that wraps the keys of audit chains; auditors unwrap with it."
  value       = module.keys.arns.audit
}

output "key_arns" {
  description = "ARNs of the KMS keys: vault, index, hmac, receipts, audit, tables."
  value       = module.keys.arns
}

output "log_groups" {
  description = "Names of the log groups: one a function, access, execution, and waf and flow where there are such."
  value       = module.regional.log_groups
}

output "log_retention_days" {
  description = "How many days the log groups keep what is written to them."
  value       = var.log_retention_days
}

output "alarm_names" {
  description = "Names of the alarms, the one that pages among them."
  value       = concat(module.observability.alarm_names, flatten(module.rotation[*].alarm_names))
}

output "deletion_protection" {
  description = "Whether the tables are protected from being deleted."
  value       = var.deletion_protection
}

output "reserved_concurrency" {
  description = "How many of each function run at a time at most; null: what the account has left."
  value       = { for name, function in local.deployed : name => function.reserved_concurrency }
}

output "function_names" {
  description = "Names of the functions: tokenize, reveal, maintain, archive."
  value       = module.regional.function_names
}

output "function_alias" {
  description = "The alias that the API calls."
  value       = module.regional.function_alias
}

output "policy_sha256" {
  description = "Digest of the policy that the functions accept."
  value       = local.policy_sha256
}

output "client_ids" {
  description = "Ids of the app clients by `tenant/client`, for `tokenvault client-secret`."
  value       = { for key, client in module.identity.clients : key => client.client_id }
}

output "people" {
  description = "Where people sign in, and what names each client of theirs: what `tokenvault login` needs; no secret."
  value = {
    domain    = module.identity.domain
    token_url = module.identity.token_url
    url       = module.regional.url # whose paths below /people the tool adds
    groups    = sort(keys(local.groups))
    clients = [
      for key, client in local.clients : {
        name          = client.name
        tenant        = client.tenant
        scopes        = module.identity.clients[key].scopes
        client_id     = module.identity.clients[key].client_id
        callback_urls = client.callback_urls
      } if client.kind == "browser"
    ]
  }
}

output "clients" {
  description = "What each client of kind \"service\" needs to call the API. `api_key` is the last of its `api_keys`: the one to hand out. After a rotation of client secrets, `client_secret` is whichever Cognito tells."
  sensitive   = true
  value = [
    for key, client in local.clients : {
      name          = client.name
      tenant        = client.tenant
      scopes        = module.identity.clients[key].scopes
      client_id     = module.identity.clients[key].client_id
      client_secret = module.identity.secrets[key].client_secret
      api_key       = module.identity.secrets[key].api_keys[reverse(client.api_keys)[0]]
      api_keys      = module.identity.secrets[key].api_keys
    } if client.kind == "service"
  ]
}

output "replica" {
  description = "The second Region, if it serves: its own values of the outputs of the same names. `terraform output -json replica | jq 'map_values({value: .})'` is a file of outputs for the tools."
  value = !var.replica_serves ? null : {
    region                = var.replica_region
    vault_id              = var.vault_id
    url                   = module.regional_replica[0].url
    domain                = module.regional_replica[0].domain
    token_url             = module.identity_replica[0].token_url
    api_id                = module.regional_replica[0].api_id
    stage                 = module.regional_replica[0].stage
    user_pool_id          = module.identity_replica[0].user_pool_id
    user_pool_issuer      = module.identity_replica[0].issuer
    tables                = local.used[var.replica_region].tables
    audit_key_arn         = module.keys.replica_arns.audit
    key_arns              = module.keys.replica_arns
    log_groups            = module.regional_replica[0].log_groups
    log_retention_days    = var.log_retention_days
    alarm_names           = module.observability_replica[0].alarm_names
    alarms_topic_arn      = module.observability_replica[0].topic_arn
    dashboard             = module.observability_replica[0].dashboard
    deletion_protection   = local.replica_deletion_protection
    reserved_concurrency  = { for name, function in local.replica_functions : name => function.reserved_concurrency }
    function_names        = module.regional_replica[0].function_names
    function_alias        = module.regional_replica[0].function_alias
    function_versions     = module.regional_replica[0].function_versions
    policy_sha256         = local.policy_sha256
    client_ids            = { for key, client in module.identity_replica[0].clients : key => client.client_id }
    audit_archive_bucket  = module.audit_replica[0].bucket
    audit_reader_role_arn = module.audit_replica[0].reader_role_arn
  }
}

output "replica_clients" {
  description = "What each client of kind \"service\" needs in the second Region, if it serves: id and secret for `replica.token_url`. Its API key is the same in both."
  sensitive   = true
  value = !var.replica_serves ? null : [
    for key, client in local.clients : {
      name          = client.name
      tenant        = client.tenant
      scopes        = module.identity_replica[0].clients[key].scopes
      client_id     = module.identity_replica[0].clients[key].client_id
      client_secret = module.identity_replica[0].secrets[key].client_secret
      api_key       = module.identity_replica[0].secrets[key].api_keys[reverse(client.api_keys)[0]]
      api_keys      = module.identity_replica[0].secrets[key].api_keys
    } if client.kind == "service"
  ]
}

output "domain" {
  description = "Where the domain's DNS record points: an alias to this name in this hosted zone. Null without a domain."
  value       = module.regional.domain
}

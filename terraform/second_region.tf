# What exists once a Region, in the second one, if it serves: the same modules as in main.tf, audit.tf and
# observability.tf, through the provider of that Region. Each Region stands by itself: its functions call nothing that
# lies in the other, and their roles may use nothing there.

locals {
  replica_count   = var.replica_serves ? 1 : 0
  replica_network = try(coalesce(var.replica_network), var.network)

  replica_access = !var.replica_serves ? null : {
    role_arns       = values(module.functions_replica[0].role_arns)
    other_role_arns = var.table_access_arns
    only_from       = module.regional_replica[0].only_from
  }

  replica_functions = {
    for name, function in merge(lookup(local.functions_of, coalesce(var.replica_region, "none"), {}), { archive = local.replica_archive_function }) : name => merge(function, {
      reserved_concurrency                                                                                      = var.concurrency[name].reserved
      provisioned_concurrency                                                                                   = try(var.concurrency[name].provisioned, null)
      rollout                                                                                                   = lookup(var.replica_rollout, name, null)
    }) if var.replica_serves
  }

  replica_archive_function = {
    role_arn  = try(module.audit_replica[0].archiver_role_arn, null)
    memory_mb = var.memory_mb.archive
    environment = {
      TOKENVAULT_FUNCTION       = "archive"
      TOKENVAULT_ARCHIVE_BUCKET = try(module.audit_replica[0].bucket, null)
    }
  }
}

module "functions_replica" {
  source = "./modules/functions"
  count  = local.replica_count

  name        = var.name
  partition   = local.partition
  account     = local.account
  regions     = [var.replica_region]
  vault_id    = var.vault_id
  role_region = var.replica_region
  tables      = merge(module.vault.tables, module.vault_replica[0].tables)
  key_ids     = module.keys.ids
  in_vpc      = local.replica_network != null
  exports     = local.exports
  retokenizes = local.retokenizes
}

# The tables that are not replicated: what is on record, counted or remembered stays in its Region.
module "vault_replica" {
  source    = "./modules/vault"
  count     = local.replica_count
  providers = { aws = aws.replica, aws.replica = aws.replica }

  name                = var.name
  partition           = local.partition
  account             = local.account
  table_class         = var.tables.class
  capacity            = var.tables.capacity
  only_unreplicated   = true
  access              = local.replica_access
  kms_key_arn         = module.keys.replica_arns.tables
  deletion_protection = local.replica_deletion_protection
}

module "identity_replica" {
  source    = "./modules/identity"
  count     = local.replica_count
  providers = { aws = aws.replica }

  name                 = var.name
  account              = local.account
  clients              = { for key, client in local.clients : key => client.actions }
  api_keys             = { for key, client in local.clients : key => client.api_keys if client.kind == "service" }
  people               = { for key, client in local.clients : key => client if client.kind == "browser" }
  groups               = keys(local.groups)
  api_key_values       = module.identity.api_key_values
  deletion_protection  = local.replica_deletion_protection
  threat_protection    = var.threat_protection
  access_token_minutes = var.access_token_minutes
}

module "regional_replica" {
  source    = "./modules/regional"
  count     = local.replica_count
  providers = { aws = aws.replica }

  name                       = var.name
  partition                  = local.partition
  account                    = local.account
  functions                  = local.replica_functions
  failures_topic_arn         = module.observability_replica[0].topic_arn
  user_pool_arns             = local.user_pool_arns
  clients                    = { for address, api_key in module.identity_replica[0].api_keys : address => merge(local.clients[api_key.client].throttle, { api_key_id = api_key.id }) }
  key_deletion_window_days   = var.key_deletion_window_days
  log_retention_days         = var.log_retention_days
  manage_api_gateway_account = var.manage_api_gateway_account
  network                    = local.replica_network
  role_arns                  = concat(values(module.functions_replica[0].role_arns), [module.audit_replica[0].archiver_role_arn])
  calls                      = merge(module.functions_replica[0].calls, { s3 = module.audit_replica[0].calls })
  api                        = merge(var.api, { private_endpoint_ids = var.replica_private_endpoint_ids })
  allowed_origins            = var.allowed_origins
  people                     = anytrue([for client in values(local.clients) : client.kind == "browser"])
  captures                   = anytrue([for client in values(local.clients) : contains(client.actions, "capture")])
  firewall                   = var.firewall
  domain                     = var.replica_domain
  force_destroy              = !var.deletion_protection
  key_administration         = module.keys.administration
}

module "audit_replica" {
  source    = "./modules/audit"
  count     = local.replica_count
  providers = { aws = aws.replica }

  name                 = var.name
  partition            = local.partition
  account              = local.account
  stream_arn           = module.vault_replica[0].audit_stream_arn
  stream_key_arn       = module.keys.replica_arns.tables
  archiver_alias_arn   = module.regional_replica[0].alias_arns.archive
  retention_days       = var.audit_archive.retention_days
  mode                 = var.audit_archive.mode
  expire_after_days    = var.audit_archive.expire_after_days
  reader_arns          = var.audit_archive.reader_arns
  administrator_arns   = var.key_administrator_arns
  deletion_window_days = var.key_deletion_window_days
  force_destroy        = !var.deletion_protection
  in_vpc               = local.replica_network != null
}

module "observability_replica" {
  source    = "./modules/observability"
  count     = local.replica_count
  providers = { aws = aws.replica }

  name               = var.name
  partition          = local.partition
  account            = local.account
  functions          = module.regional_replica[0].function_names
  maintain_role_name = module.functions_replica[0].role_names.maintain
  stage              = module.regional_replica[0].stage
  web_acl_name       = module.regional_replica[0].web_acl_metric
  tables             = merge(module.vault.tables, module.vault_replica[0].tables)
  emails             = var.alarms.emails
  pager_arns         = [for arn in var.alarms.pager_arns : arn if contains(["", var.replica_region], element(split(":", arn), 3))]
  thresholds         = var.alarms
  traced_share       = var.traced_share
  access_analyzer    = var.access_analyzer
  backup             = var.backup
  force_destroy      = !var.deletion_protection
}

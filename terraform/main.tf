data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  regions   = var.replica_serves ? [var.region, var.replica_region] : [var.region]

  # A random formatted token is drawn from a slot that its Region owns, so no two Regions draw the same one.
  region_slots = { for index, region in local.regions : region => [for slot in range(16) : slot if slot % length(local.regions) == index] }

  clients = merge([
    for tenant_name, tenant in var.tenants : {
      for client_name, client in tenant.clients : "${tenant_name}/${client_name}" => merge(client, {
        tenant = tenant_name
        name   = client_name
        types  = contains(client.types, "*") ? sort(keys(var.info_types)) : client.types # the policy always lists names
      })
    }
  ]...)
}

locals {
  groups = merge([
    for tenant_name, tenant in var.tenants : {
      for group_name, group in tenant.groups : "${tenant_name}/${group_name}" => merge(group, {
        tenant = tenant_name
        name   = group_name
        types  = contains(group.types, "*") ? sort(keys(var.info_types)) : group.types
      })
    }
  ]...)
}

module "functions" {
  source = "./modules/functions"

  name      = var.name
  partition = local.partition
  account   = local.account
  regions   = [var.region]
  vault_id  = var.vault_id

  role_region = var.region_in_role_names ? var.region : null
  tables      = module.vault.tables
  key_ids     = module.keys.ids
  in_vpc      = var.network != null
  exports     = local.exports
  retokenizes = local.retokenizes
  bulk        = var.bulk == null ? {} : { tokenize = ["take-in"], reveal = var.bulk.export_client == null ? [] : ["give-out"] }
}

module "keys" {
  source    = "./modules/keys"
  providers = { aws = aws, aws.replica = aws.replica }

  name                 = var.name
  vault_id             = var.vault_id
  partition            = local.partition
  account              = local.account
  roles                = module.functions.role_arns
  replica_roles        = try(module.functions_replica[0].role_arns, null)
  administrator_arns   = var.key_administrator_arns
  auditor_arns         = var.auditor_arns
  deletion_window_days = var.key_deletion_window_days
  replicate            = var.replica_region != null
  retokenizes          = local.retokenizes
}

module "vault" {
  source    = "./modules/vault"
  providers = { aws = aws, aws.replica = aws.replica }

  name           = var.name
  partition      = local.partition
  account        = local.account
  table_class    = var.tables.class
  capacity       = var.tables.capacity
  replica        = var.replica_region == null ? null : { kms_key_arn = module.keys.replica_arns.tables, deletion_protection = local.replica_deletion_protection }
  replica_access = local.replica_access
  access = {
    role_arns       = values(module.functions.role_arns)
    other_role_arns = var.table_access_arns
    only_from       = module.regional.only_from
  }
  kms_key_arn         = module.keys.arns.tables
  restored            = var.restored_tables
  deletion_protection = var.deletion_protection
}

module "identity" {
  source = "./modules/identity"

  name                 = var.name
  account              = local.account
  clients              = { for key, client in local.clients : key => client.actions }
  api_keys             = { for key, client in local.clients : key => client.api_keys if client.kind == "service" }
  people               = { for key, client in local.clients : key => client if client.kind == "browser" }
  groups               = keys(local.groups)
  deletion_protection  = var.deletion_protection
  threat_protection    = var.threat_protection
  access_token_minutes = var.access_token_minutes
}

module "regional" {
  source = "./modules/regional"

  name                       = var.name
  partition                  = local.partition
  account                    = local.account
  functions                  = local.deployed
  failures_topic_arn         = module.observability.topic_arn
  user_pool_arns             = local.user_pool_arns
  clients                    = { for address, api_key in module.identity.api_keys : address => merge(local.clients[api_key.client].throttle, { api_key_id = api_key.id }) }
  key_deletion_window_days   = var.key_deletion_window_days
  log_retention_days         = var.log_retention_days
  manage_api_gateway_account = var.manage_api_gateway_account
  network                    = var.network
  role_arns                  = concat(values(module.functions.role_arns), [module.audit.archiver_role_arn], local.bulk_roles)
  calls                      = merge(module.functions.calls, local.bulk_calls, { s3 = local.s3_calls })
  api                        = var.api
  allowed_origins            = var.allowed_origins
  people                     = anytrue([for client in values(local.clients) : client.kind == "browser"])
  captures                   = anytrue([for client in values(local.clients) : contains(client.actions, "capture")])
  firewall                   = var.firewall
  domain                     = var.domain
  force_destroy              = !var.deletion_protection
  key_administration         = module.keys.administration
}

# What the functions of each Region are told.

locals {
  # By Region: the tables, keys and roles that are used there.
  used = {
    for region in local.regions : region => {
      tables = region == var.region ? module.vault.tables : merge(module.vault.tables, try(module.vault_replica[0].tables, null))
      keys   = region == var.region ? module.keys.arns : module.keys.replica_arns
      roles  = region == var.region ? module.functions.role_arns : try(module.functions_replica[0].role_arns, null)
    }
  }

  environment = {
    for region, used in local.used : region => {
      TOKENVAULT_VAULT_ID          = var.vault_id
      TOKENVAULT_VAULT_TABLE       = used.tables.vault
      TOKENVAULT_KEYS_TABLE        = used.tables.keys
      TOKENVAULT_POLICY_TABLE      = used.tables.policy
      TOKENVAULT_POLICY_SHA256     = local.policy_sha256
      TOKENVAULT_SUBJECTS_TABLE    = used.tables.subjects
      TOKENVAULT_AUDIT_TABLE       = used.tables.audit
      TOKENVAULT_REGION_COUNT      = tostring(length(local.regions))
      TOKENVAULT_AUDIT_KEY_ARN     = used.keys.audit
      TOKENVAULT_INDEX_KEK_ARN     = used.keys.index
      TOKENVAULT_REGION_SLOTS      = join(",", local.region_slots[region])
      TOKENVAULT_KEY_CACHE_SECONDS = tostring(var.key_cache_seconds)
      TOKENVAULT_SEAL_PER_REQUEST  = var.seal_per_request ? "on" : "off"
    }
  }

  fast_path       = { for name, value in { TOKENVAULT_FAST_PATH = "off" } : name => value if !var.fast_path }
  restoring       = { for name, value in { TOKENVAULT_RESTORING = "on" } : name => value if var.restoring }
  allowed_origins = { for name in ["TOKENVAULT_ALLOWED_ORIGINS"] : name => join(",", var.allowed_origins) if length(var.allowed_origins) > 0 }

  # What a function is not given it cannot use: the tokenizing one does not learn of the vault KEK.
  extra_environment = {
    for region, used in local.used : region => {
      tokenize = merge(local.allowed_origins, {
        TOKENVAULT_HMAC_KEY_ARN      = used.keys.hmac
        TOKENVAULT_IDEMPOTENCY_TABLE = used.tables.idempotency
        TOKENVAULT_BUDGETS_TABLE     = used.tables.budgets
      })
      reveal = merge(local.allowed_origins, { for name in ["TOKENVAULT_HMAC_KEY_ARN"] : name => used.keys.hmac if local.retokenizes }, {
        TOKENVAULT_VAULT_KEK_ARN   = used.keys.vault
        TOKENVAULT_BUDGETS_TABLE   = used.tables.budgets
        TOKENVAULT_RECEIPT_KEY_ARN = used.keys.receipts
        TOKENVAULT_BACKUP_DAYS     = tostring(max(35, try(var.backup.keep_days, 0))) # DynamoDB's point-in-time recovery reaches back 35 days
      })
      maintain = {
        TOKENVAULT_VAULT_KEK_ARN = used.keys.vault
        TOKENVAULT_REGIONS       = join(",", local.regions)
      }
    }
  }

  functions_of = {
    for region, extras in local.extra_environment : region => {
      for name, extra in extras : name => {
        role_arn    = local.used[region].roles[name]
        memory_mb   = var.memory_mb[name]
        environment = merge(local.environment[region], local.fast_path, local.restoring, { TOKENVAULT_FUNCTION = name }, extra)
      }
    }
  }

  functions = local.functions_of[var.region]
}

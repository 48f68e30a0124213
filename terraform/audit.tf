# The archive of the audit trail.

module "audit" {
  source = "./modules/audit"

  name                 = var.name
  partition            = local.partition
  account              = local.account
  stream_arn           = module.vault.audit_stream_arn
  stream_key_arn       = module.keys.arns.tables
  archiver_alias_arn   = module.regional.alias_arns.archive
  retention_days       = var.audit_archive.retention_days
  mode                 = var.audit_archive.mode
  expire_after_days    = var.audit_archive.expire_after_days
  reader_arns          = var.audit_archive.reader_arns
  administrator_arns   = var.key_administrator_arns
  deletion_window_days = var.key_deletion_window_days
  force_destroy        = !var.deletion_protection
  in_vpc               = var.network != null
}

locals {
  archive_function = {
    role_arn  = module.audit.archiver_role_arn
    memory_mb = var.memory_mb.archive
    environment = {
      TOKENVAULT_FUNCTION       = "archive"
      TOKENVAULT_ARCHIVE_BUCKET = module.audit.bucket
    }
  }
}

output "audit_archive_bucket" {
  description = "Name of the bucket that holds the archive of the audit trail."
  value       = module.audit.bucket
}

output "audit_reader_role_arn" {
  description = "ARN of the one role that may read the archive."
  value       = module.audit.reader_role_arn
}

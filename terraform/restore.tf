# After a restore: docs/operations.md.

variable "restored_tables" {
  description = "Names of tables that were restored from a backup, by what they stand in for, such as { vault = \"tokenvault-vault-restored\" }. Import them first."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.restored_tables) : contains(["vault", "keys", "audit"], name)])
    error_message = "restored_tables: vault, keys and audit can be restored. subjects must not be (erased persons would be back), policy is written by Terraform, and the others are worthless after a day."
  }

  validation {
    condition     = alltrue([for table in values(var.restored_tables) : can(regex("^[A-Za-z0-9_.-]{3,255}$", table))]) && length(distinct(values(var.restored_tables))) == length(var.restored_tables)
    error_message = "restored_tables: each the name of another DynamoDB table."
  }
}

variable "restoring" {
  description = "While true, the API erases and shows facts, and answers 503 to all else: what was erased since the restored moment is back, until `tokenvault restore reconcile` has erased it again. Maintenance makes no PRF key meanwhile, and fails where the restored keys table lacks one: take it over by `tokenvault restore keys`, before the apply."
  type        = bool
  default     = false
  nullable    = false
}

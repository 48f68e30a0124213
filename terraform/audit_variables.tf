# The variables of audit.tf.

variable "audit_archive" {
  description = "How long the archive keeps what it was given, who may read it. COMPLIANCE is for good: not even AWS takes a lock off again."
  type = object({
    retention_days    = optional(number, 400)
    mode              = optional(string, "GOVERNANCE")
    expire_after_days = optional(number)
    reader_arns       = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = var.audit_archive.retention_days >= 400
    error_message = "audit_archive: retention_days is 400 or more, so that a year of the trail is there (PCI DSS 10.5.1) when its audit begins."
  }

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.audit_archive.mode)
    error_message = "audit_archive: mode is \"GOVERNANCE\" (a bucket policy denies everybody to remove objects early) or \"COMPLIANCE\" (not even the root user can, ever)."
  }

  validation {
    condition     = var.audit_archive.expire_after_days == null ? true : var.audit_archive.expire_after_days >= var.audit_archive.retention_days
    error_message = "audit_archive: expire_after_days is not less than retention_days; objects cannot go before."
  }

  validation {
    condition     = alltrue([for arn in var.audit_archive.reader_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "audit_archive: reader_arns are ARNs of IAM roles or users."
  }
}

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "partition" {
  description = "The AWS partition."
  type        = string
}

variable "account" {
  description = "The AWS account id."
  type        = string
}

variable "stream_arn" {
  description = "ARN of the audit table's stream."
  type        = string
}

variable "stream_key_arn" {
  description = "KMS key that the table is encrypted with, and its stream too."
  type        = string
}

variable "archiver_alias_arn" {
  description = "The archiving function's alias, which is given the batches."
  type        = string
}

variable "retention_days" {
  description = "Days that nobody can remove an object before."
  type        = number
}

variable "mode" {
  description = "COMPLIANCE: not even the account's root user can remove an object early. GOVERNANCE: whoever may bypass it and may change the bucket's policy, which denies that."
  type        = string
}

variable "expire_after_days" {
  description = "Days after which objects go by themselves. Null: never."
  type        = number
  default     = null
}

variable "reader_arns" {
  description = "Principals that may assume the reader role. Empty: whoever the account's IAM policies let assume it."
  type        = list(string)
  default     = []
}

variable "administrator_arns" {
  description = "Principals that administer the key without using it. Empty: the account, by its IAM policies."
  type        = list(string)
  default     = []
}

variable "deletion_window_days" {
  description = "Days between scheduling the key's deletion and losing the archive."
  type        = number
}

variable "force_destroy" {
  description = "Whether a destroy empties the bucket first, as far as its locks let it."
  type        = bool
}

variable "in_vpc" {
  description = "Whether the archiving function runs in a VPC."
  type        = bool
  default     = false
}

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "vault_id" {
  description = "Id of the vault, demanded in every encryption context."
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

variable "roles" {
  description = "ARNs of the functions' roles."
  type        = object({ tokenize = string, reveal = string, maintain = string })
}

variable "replica_roles" {
  description = "ARNs of the roles of the second Region's functions. Null: nobody serves there."
  type        = object({ tokenize = string, reveal = string, maintain = string })
  default     = null
}

variable "administrator_arns" {
  description = "Principals that administer the keys without using them; whoever deploys must be among them. Empty: the account, by its IAM policies."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.administrator_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "administrator_arns: ARNs of IAM roles or users."
  }

  validation {
    condition     = length(setintersection(var.administrator_arns, concat(values(var.roles), try(values(var.replica_roles), [])))) == 0
    error_message = "administrator_arns: a function's role must not administer the keys that it uses."
  }
}

variable "auditor_arns" {
  description = "Principals that unwrap the keys of audit chains, to verify them. Empty: nobody."
  type        = list(string)
  default     = []
}

variable "retokenizes" {
  description = "Whether the revealing function may unwrap PRF keys and ask for MACs, to give older values their tokens under another PRF key."
  type        = bool
  default     = false
}

variable "deletion_window_days" {
  description = "Days between scheduling a key's deletion and losing it."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days: KMS takes 7 to 30 days."
  }
}

variable "rotation_days" {
  description = "Days after which KMS makes new key material; what the old one wrapped stays readable."
  type        = number
  default     = 365

  validation {
    condition     = var.rotation_days >= 90 && var.rotation_days <= 2560
    error_message = "rotation_days: KMS takes 90 to 2560 days."
  }
}

variable "replicate" {
  description = "Whether the second Region, that of the provider `aws.replica`, gets replicas of the keys."
  type        = bool
  default     = false
}

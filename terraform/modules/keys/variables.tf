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

variable "administrator_arns" {
  description = "Principals that administer the keys without using them. Empty: the account, by its IAM policies."
  type        = list(string)
  default     = []
}

variable "deletion_window_days" {
  description = "Days between scheduling a key's deletion and losing it."
  type        = number
}

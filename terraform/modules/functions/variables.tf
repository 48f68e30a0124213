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

variable "regions" {
  description = "The Regions that the functions run in."
  type        = list(string)
}

variable "role_region" {
  description = "The Region in the names of the roles, so that a stack of the same name in another Region has others. Null: none."
  type        = string
}

variable "vault_id" {
  description = "Id of the vault, demanded in every encryption context."
  type        = string
}

variable "tables" {
  description = "Names of the tables."
  type = object({
    vault       = string
    keys        = string
    policy      = string
    audit       = string
    subjects    = string
    idempotency = string
    budgets     = string
  })
}

variable "key_ids" {
  description = "Ids of the KMS keys, the same in every Region."
  type        = object({ vault = string, index = string, hmac = string, receipts = string, audit = string })
}

variable "in_vpc" {
  description = "Whether the functions run in a VPC."
  type        = bool
  default     = false
}

variable "exports" {
  description = "Whether a client may export. Then the revealing function may list which records there are, as nothing else needs it to."
  type        = bool
  default     = false
}

variable "retokenizes" {
  description = "Whether an information type has another PRF key than the first. Then the revealing function may unwrap PRF keys and ask for MACs, to give older values their new tokens."
  type        = bool
  default     = false
}

variable "bulk" {
  description = "Functions of `modules/bulk` that have a role of these, too, by the function that it is of: `take-in`, `give-out`."
  type        = map(list(string))
  default     = {}
}

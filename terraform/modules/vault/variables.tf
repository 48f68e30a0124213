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

variable "kms_key_arn" {
  description = "KMS key that DynamoDB encrypts the tables with. Not a key that wraps anything of ours."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the tables refuse to be deleted."
  type        = bool
  default     = true
}

variable "table_class" {
  description = "STANDARD, or STANDARD_INFREQUENT_ACCESS: storage at less than half the price, requests at a quarter more. It pays where storage costs more than half of what requests cost."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "STANDARD_INFREQUENT_ACCESS"], var.table_class)
    error_message = "table_class: STANDARD or STANDARD_INFREQUENT_ACCESS."
  }
}

variable "capacity" {
  description = "Provisioned capacity units of each table, scaled between the two bounds so that this share of them is used. Null: on demand, each request paid by itself."
  type = object({
    read_min       = optional(number, 5)
    read_max       = number
    write_min      = optional(number, 5)
    write_max      = number
    target_percent = optional(number, 70)
  })
  default = null

  validation {
    condition = var.capacity == null ? true : alltrue([
      var.capacity.read_min >= 1, var.capacity.read_min <= var.capacity.read_max,
      var.capacity.write_min >= 1, var.capacity.write_min <= var.capacity.write_max,
    ])
    error_message = "capacity: read_min and write_min are 1 or more, and not more than read_max and write_max."
  }

  validation {
    condition     = var.capacity == null ? true : var.capacity.target_percent >= 20 && var.capacity.target_percent <= 90
    error_message = "capacity: target_percent is 20 to 90; autoscaling takes minutes, so leave room for what comes meanwhile."
  }
}

variable "only_unreplicated" {
  description = "Whether to make only the tables that each Region has for itself: in the second Region, whose others are replicas."
  type        = bool
  default     = false
}

variable "replica" {
  description = "KMS key of the replicas in the second Region, which is that of the provider `aws.replica`, and whether they refuse to be deleted. Null: no replicas."
  type = object({
    kms_key_arn         = string
    deletion_protection = optional(bool, true)
  })
  default = null
}

variable "replica_access" {
  description = "As `access`, for the replicas. Null: whoever may here, any way, as nobody serves there."
  type = object({
    role_arns       = list(string)
    other_role_arns = optional(list(string), [])
    only_from       = optional(object({ key = string, id = string }))
  })
  default = null
}

variable "access" {
  description = "Who may read and write items: the functions' roles, the one way they take (condition key and id of a VPC endpoint or VPC; null for any), and roles that take any way. Everybody else is denied, whatever IAM allows."
  type = object({
    role_arns       = list(string)
    other_role_arns = optional(list(string), [])
    only_from       = optional(object({ key = string, id = string }))
  })

  validation {
    condition     = length(var.access.role_arns) > 0 && !anytrue([for arn in concat(var.access.role_arns, var.access.other_role_arns) : strcontains(arn, "*")])
    error_message = "access: give the role_arns that may use the tables, each in full."
  }

  validation {
    condition     = try(contains(["aws:SourceVpce", "aws:SourceVpc"], var.access.only_from.key), var.access.only_from == null)
    error_message = "access: only_from.key is aws:SourceVpce (an endpoint) or aws:SourceVpc (a whole VPC)."
  }
}

variable "restored" {
  description = "Names of tables that were restored, by what they stand in for."
  type        = map(string)
  default     = {}
}

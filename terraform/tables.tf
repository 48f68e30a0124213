variable "tables" {
  description = "How the tables are billed: their class, and capacity that is scaled between bounds (null: on demand, each request paid by itself)."
  type = object({
    class = optional(string, "STANDARD")
    capacity = optional(object({
      read_min       = optional(number, 5)
      read_max       = number
      write_min      = optional(number, 5)
      write_max      = number
      target_percent = optional(number, 70)
    }))
  })
  default = {}
}

variable "table_access_arns" {
  description = "IAM roles besides the functions' own that may read and write items, such as that of a restore. Everybody else is denied by the tables themselves, administrators too."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.table_access_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", arn))])
    error_message = "table_access_arns: ARNs of IAM roles or users, each in full."
  }
}

# The variable of rotation.tf.

variable "rotation" {
  description = "A Step Functions state machine that seals every record of a tenant again under the newest version of its key, by sixteen walks side by side, and retires the versions that no record names any more. `items_per_second` is how many items of the vault table it looks at, at most; `every_days` has each tenant's key rotate and end so often, null: whenever somebody starts it. Null: no state machine."
  type = object({
    items_per_second = optional(number, 1600)
    every_days       = optional(number)
  })
  default = null

  validation {
    condition     = var.rotation == null || try(var.rotation.items_per_second >= 16 && var.rotation.items_per_second <= 16000 && floor(var.rotation.items_per_second) == var.rotation.items_per_second, false)
    error_message = "rotation.items_per_second: a whole number from 16 to 16000. Each item is a strongly consistent read, and each record that is moved a read and a write more."
  }

  validation {
    condition     = try(var.rotation.every_days, null) == null || try(var.rotation.every_days >= 7 && var.rotation.every_days <= 3650 && floor(var.rotation.every_days) == var.rotation.every_days, false)
    error_message = "rotation.every_days: a whole number from 7 to 3650, or leave it out and start the state machine when you want to."
  }
}

# A table that was restored has another name: nothing but the name stands for it, so nothing else changes.

variable "restored" {
  description = "Names of tables that were restored, by what they stand in for."
  type        = map(string)
  default     = {}
}

locals {
  names = { for name in keys(local.tables) : name => lookup(var.restored, name, "${var.name}-${name}") }
}

# A table that was restored has another name: nothing but the name stands for it, so nothing else changes.

locals {
  names = { for name in keys(local.tables) : name => lookup(var.restored, name, "${var.name}-${name}") }
}

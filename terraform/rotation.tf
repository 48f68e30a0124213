# The job that ends rotations by itself. Without it, `tokenvault keys rewrap` does it from anywhere.

module "rotation" {
  source = "./modules/rotation"
  count  = var.rotation == null ? 0 : 1

  name             = var.name
  partition        = local.partition
  account          = local.account
  role_region      = var.region_in_role_names ? var.region : null
  function_arns    = { for name in ["maintain", "reveal"] : name => module.regional.alias_arns[name] }
  tenants          = keys(var.tenants)
  items_per_second = var.rotation.items_per_second
  every_days       = var.rotation.every_days
  # WRITERS_SECONDS in chalicelib/service/walker.py, and the maintenance of every Region, which marks a version as ready.
  settling_seconds = var.key_cache_seconds + 900 + 2700
  alarms_topic_arn = module.observability.topic_arn
}

output "rotation_state_machine_arn" {
  description = "ARN of the state machine that ends rotations; null without one."
  value       = one(module.rotation[*].state_machine_arn)
}

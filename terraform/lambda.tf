# How the functions are run: how many at a time, and how a new version takes over.

locals {
  deployed = {
    for name, function in merge(local.functions, { archive = local.archive_function }) : name => merge(function, {
      reserved_concurrency                                 = var.concurrency[name].reserved
      provisioned_concurrency                              = try(var.concurrency[name].provisioned, null)
      rollout                                              = lookup(var.rollout, name, null)
    })
  }
}

output "function_versions" {
  description = "The newest version of each function."
  value       = module.regional.function_versions
}

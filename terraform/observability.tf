# Who looks at the stack, and what wakes them.

module "observability" {
  source = "./modules/observability"

  name               = var.name
  partition          = local.partition
  account            = local.account
  functions          = module.regional.function_names
  maintain_role_name = module.functions.role_names.maintain
  stage              = module.regional.stage
  web_acl_name       = module.regional.web_acl_metric
  tables             = module.vault.tables
  emails             = var.alarms.emails
  pager_arns         = [for arn in var.alarms.pager_arns : arn if element(split(":", arn), 3) != coalesce(var.replica_region, "none")]
  thresholds         = var.alarms
  traced_share       = var.traced_share
  access_analyzer    = var.access_analyzer
  backup             = var.backup
  force_destroy      = !var.deletion_protection
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = module.observability.dashboard
}

output "alarms_topic_arn" {
  description = "ARN of the topic that is told of alarms."
  value       = module.observability.topic_arn
}

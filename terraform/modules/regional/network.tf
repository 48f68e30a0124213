# Where the functions run: in a VPC of ours, in one that is there already, or, for a local stack, in none.

locals {
  own_network = var.network == null ? false : var.network.existing == null

  # Null where functions run in no VPC.
  vpc = var.network == null ? null : local.own_network ? {
    id                 = module.network[0].vpc_id
    subnet_ids         = module.network[0].subnet_ids
    security_group_ids = module.network[0].security_group_ids
    } : {
    id                 = var.network.existing.vpc_id
    subnet_ids         = var.network.existing.subnet_ids
    security_group_ids = var.network.existing.security_group_ids
  }
}

module "network" {
  source = "../network"
  count  = local.own_network ? 1 : 0

  name               = var.name
  account            = var.account
  cidr               = var.network.cidr
  zones              = var.network.zones
  endpoints          = var.network.endpoints
  role_arns          = var.role_arns
  calls              = var.calls
  flow_log_group_arn = aws_cloudwatch_log_group.this["flow"].arn
}

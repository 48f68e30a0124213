# Where the functions run: in a VPC of ours, in one that is there already, or, for a local stack, in none.

variable "network" {
  description = "The VPC: null for none; with `existing`, that one; else one is made. Typed and validated by the root."
  type = object({
    cidr      = string
    zones     = number
    endpoints = set(string)
    existing  = object({ vpc_id = string, subnet_ids = list(string), security_group_ids = list(string) })
  })
}

variable "role_arns" {
  description = "Roles that may call through the VPC's endpoints."
  type        = list(string)
}

variable "calls" {
  description = "What may go through the endpoints of DynamoDB, KMS and S3."
  type        = map(object({ actions = list(string), resources = list(string) }))
}

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

output "only_from" {
  description = "Condition key and id of the one way that the functions take to the tables: the endpoint, or the VPC that is there already. Null without a VPC."
  value = (
    var.network == null ? null :
    local.own_network ? { key = "aws:SourceVpce", id = module.network[0].endpoint_ids["dynamodb"] } :
    { key = "aws:SourceVpc", id = var.network.existing.vpc_id }
  )
}

variable "in_vpc" {
  description = "Whether the functions run in a VPC."
  type        = bool
  default     = false
}

module "in_vpc" {
  source   = "../in_vpc"
  for_each = { for name, role in aws_iam_role.this : name => role.name if var.in_vpc }

  role_name     = each.value
  function_arns = [for region in var.regions : "arn:${var.partition}:lambda:${region}:${var.account}:function:${var.name}-${each.key}-${region}"]
}

output "calls" {
  description = "Actions and resources of all the functions' calls, by service: what endpoints let through."
  value = {
    for service in ["dynamodb", "kms"] : service => {
      actions   = sort(distinct([for call in local.calls : call.action if startswith(call.action, "${service}:")]))
      resources = distinct([for call in local.calls : call.resource if startswith(call.action, "${service}:")])
    }
  }
}

locals {
  calls = flatten([
    for statement in flatten(values(local.statements)) : [
      for action in statement.Action : [for resource in statement.Resource : { action = action, resource = resource }]
    ]
  ])
}

module "in_vpc" {
  source   = "../in_vpc"
  for_each = { for name, role in aws_iam_role.this : name => role.name if var.in_vpc }

  role_name     = each.value
  function_arns = [for region in var.regions : "arn:${var.partition}:lambda:${region}:${var.account}:function:${var.name}-${each.key}-${region}"]
}

locals {
  calls = flatten([
    for statement in flatten(values(local.statements)) : [
      for action in statement.Action : [for resource in statement.Resource : { action = action, resource = resource }]
    ]
  ])
}

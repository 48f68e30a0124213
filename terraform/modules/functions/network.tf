module "in_vpc" {
  source   = "../in_vpc"
  for_each = { for name, role in aws_iam_role.this : name => role.name if var.in_vpc }

  role_name = each.value
  function_arns = [
    for pair in setproduct(var.regions, concat([each.key], [for function in lookup(var.bulk, each.key, []) : "bulk-${function}"])) :
    "arn:${var.partition}:lambda:${pair[0]}:${var.account}:function:${var.name}-${pair[1]}-${pair[0]}"
  ]
}

locals {
  calls = flatten([
    for statement in flatten(values(local.statements)) : [
      for action in statement.Action : [for resource in statement.Resource : { action = action, resource = resource }]
    ]
  ])
}

# What Lambda needs to put a function into a VPC. It does that by the function's own role; the code that runs in
# the function must not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html

variable "in_vpc" {
  description = "Whether the functions run in a VPC."
  type        = bool
  default     = false
}

locals {
  interface_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
}

resource "aws_iam_role_policy" "network" {
  for_each = var.in_vpc ? aws_iam_role.this : {}

  name = "network"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LambdaManagesNetworkInterfaces"
        Effect   = "Allow"
        Action   = local.interface_actions
        Resource = "*" # interfaces have no names before they are made, and EC2's Describe actions take no resource
      },
      {
        Sid       = "TheFunctionsCodeDoesNot"
        Effect    = "Deny"
        Action    = local.interface_actions
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [for region in var.regions : "arn:${var.partition}:lambda:${region}:${var.account}:function:${var.name}-${each.key}-${region}"] } }
      },
    ]
  })
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

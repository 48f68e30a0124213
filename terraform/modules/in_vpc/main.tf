# What Lambda needs to put a function into a VPC. It does that by the function's own role; the code that runs in
# the function must not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "role_name" {
  description = "Name of the function's role."
  type        = string
}

variable "function_arns" {
  description = "The functions that have this role, in every Region."
  type        = list(string)
}

locals {
  actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
}

resource "aws_iam_role_policy" "this" {
  name = "network"
  role = var.role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LambdaManagesNetworkInterfaces"
        Effect   = "Allow"
        Action   = local.actions
        Resource = "*" # interfaces have no names before they are made, and EC2's Describe actions take no resource
      },
      {
        Sid       = "TheFunctionsCodeDoesNot"
        Effect    = "Deny"
        Action    = local.actions
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = var.function_arns } }
      },
    ]
  })
}

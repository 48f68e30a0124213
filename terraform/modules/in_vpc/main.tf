# What Lambda needs to put a function into a VPC. It does that by the function's own role; the code that runs in
# the function must not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

locals {
  actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
}

# modules/network, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_vpc_endpoint" {
    defaults = { prefix_list_id = "pl-00000000" }
  }
}

run "readme_example" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    name               = "tokenvault"
    account            = "123456789012"
    cidr               = "10.20.0.0/24"
    zones              = 3
    endpoints          = ["xray"]
    role_arns          = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"]
    flow_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vpc/tokenvault"

    calls = {
      dynamodb = { actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:123456789012:table/tokenvault-vault"] }
      kms      = { actions = ["kms:Decrypt"], resources = ["arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000"] }
      s3       = { actions = ["s3:PutObject"], resources = ["arn:aws:s3:::tokenvault-audit-archive/*"] }
    }
  }

  assert {
    condition     = [for subnet in values(aws_subnet.private) : subnet.cidr_block] == ["10.20.0.0/27", "10.20.0.32/27", "10.20.0.64/27"]
    error_message = "each zone has a subnet, and the addresses of one do not depend on the number of zones"
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["dynamodb", "s3"]) && toset(keys(aws_vpc_endpoint.interface)) == toset(["kms", "xray"])
    error_message = "DynamoDB and S3 have gateways, KMS has an interface, and there is nothing that was not asked for"
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.gateway["dynamodb"].policy).Statement[0].Resource == ["arn:aws:dynamodb:eu-central-1:123456789012:table/tokenvault-vault"]
    error_message = "the endpoint lets through what concerns our tables"
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.interface["kms"].policy).Statement[0].Condition.ArnEquals["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/tokenvault-tokenize"]
    error_message = "the endpoint lets our roles through"
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.interface["xray"].policy).Statement[0].Condition.StringEquals["aws:ResourceAccount"] == "123456789012"
    error_message = "nothing is carried to another account"
  }

  assert {
    condition     = length(aws_default_security_group.unused.ingress) + length(aws_default_security_group.unused.egress) == 0
    error_message = "the default security group is empty"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.to_endpoints.referenced_security_group_id == aws_security_group.endpoints.id && aws_vpc_security_group_egress_rule.to_endpoints.from_port == 443
    error_message = "functions reach the endpoints, by TLS"
  }
}

variables {
  name               = "tokenvault"
  account            = "123456789012"
  role_arns          = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"]
  flow_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vpc/tokenvault"

  calls = {
    dynamodb = { actions = [], resources = [] }
    kms      = { actions = [], resources = [] }
    s3       = { actions = [], resources = [] }
  }
}

run "refuses_what_is_none" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr      = "10.0.0.0"
    zones     = 1
    endpoints = ["ec2"]

    calls = {
      dynamodb = { actions = ["dynamodb:*"], resources = ["*"] }
      kms      = { actions = [], resources = [] }
      s3       = { actions = [], resources = [] }
    }
  }

  expect_failures = [var.cidr, var.zones, var.endpoints, var.calls]
}

run "refuses_a_range_that_is_too_small" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    cidr = "10.0.0.0/28"
  }

  expect_failures = [var.cidr]
}

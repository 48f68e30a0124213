# The ways out, and what may go through each. Gateway endpoints take no principals in their policies, so roles
# are a condition: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html

locals {
  # What roles of this account may do with resources of this account.
  others = {
    events     = ["events:PutEvents"]
    logs       = ["logs:CreateLogStream", "logs:PutLogEvents"]
    monitoring = ["cloudwatch:PutMetricData"]
    sns        = ["sns:Publish"]
    sqs        = ["sqs:SendMessage"]
    xray       = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
  }

  our_roles = {
    Sid       = "OurRolesToWhatIsOurs"
    Effect    = "Allow"
    Principal = "*" # whoever fulfils the condition
    Condition = { ArnEquals = { "aws:PrincipalArn" = var.role_arns } }
  }

  policies = merge(
    { for service, allowed in var.calls : service => merge(local.our_roles, { Action = allowed.actions, Resource = allowed.resources }) },
    {
      for service in var.endpoints : service => {
        Sid       = "ThisAccountToThisAccount"
        Effect    = "Allow"
        Principal = "*" # whoever fulfils the condition
        Action    = local.others[service]
        Resource  = "*" # of this account, by the condition
        Condition = { StringEquals = { "aws:PrincipalAccount" = var.account, "aws:ResourceAccount" = var.account } }
      }
    },
  )

  documents = { for service, statement in local.policies : service => jsonencode({ Version = "2012-10-17", Statement = [statement] }) }
  gateways  = setintersection(keys(local.policies), ["dynamodb", "s3"])
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateways

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  route_table_ids   = [aws_route_table.private.id]
  policy            = local.documents[each.key]

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = setsubtract(keys(local.policies), local.gateways)

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = local.documents[each.key]

  tags = { Name = "${var.name}-${each.key}" }
}

# Who touches items at all, whatever IAM policies grant: the functions, and only by their own way. It denies nothing
# that manages a table, so it locks nobody out of repairing it. The policy table stays open to whoever deploys:
# Terraform writes the policy, and the functions refuse one that is not the one they were deployed with.

locals {
  bound = { for name, table in local.tables : name => table if name != "policy" }

  item_actions = [
    "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
    "dynamodb:GetItem", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert", "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
  ]

  # DynamoDB itself, which writes what comes from the other Region.
  replication_role = "arn:${var.partition}:iam::${var.account}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"

  replica_access = try(coalesce(var.replica_access), merge(var.access, { only_from = null }))

  # Denying "*" is meant: the conditions say who is left.
  only_the_roles = {
    for place, access in { this = var.access, replica = local.replica_access } : place => {
      Sid                       = "OnlyTheFunctionsTouchItems"
      Effect                    = "Deny"
      Principal                 = "*"
      Action                    = local.item_actions
      Condition                 = { ArnNotEquals = { "aws:PrincipalArn" = concat(access.role_arns, access.other_role_arns, [local.replication_role]) } }
    }
  }

  only_their_way = {
    for place, access in { this = var.access, replica = local.replica_access } : place => [
      for way in access.only_from[*] : {
        Sid       = "AndOnlyFromTheirNetwork"
        Effect    = "Deny"
        Principal = "*"
        Action    = local.item_actions
        Condition = {
          ArnEquals       = { "aws:PrincipalArn" = access.role_arns }
          StringNotEquals = { (way.key) = way.id }
        }
      }
    ]
  }

  # The indexes are part of their table's policy.
  bound_arns = { for name in keys(local.bound) : name => concat([aws_dynamodb_table.this[name].arn], name == "vault" ? [for index in keys(local.indexes) : "${aws_dynamodb_table.this[name].arn}/index/${index}"] : []) }
}

resource "aws_dynamodb_resource_policy" "this" {
  for_each = local.bound

  resource_arn = aws_dynamodb_table.this[each.key].arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in concat([local.only_the_roles.this], local.only_their_way.this) : merge(statement, { Resource = local.bound_arns[each.key] })]
  })

  # After the replicas: a table that gets one is being updated, and takes no policy meanwhile.
  # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
  depends_on = [aws_dynamodb_table_replica.this]
}

# The functions of the first Region never use a replica: it is for those of the second, if they serve.
resource "aws_dynamodb_resource_policy" "replica" {
  for_each = { for name, table in local.replicated : name => table if contains(keys(local.bound), name) }
  provider = aws.replica

  resource_arn = aws_dynamodb_table_replica.this[each.key].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in concat([local.only_the_roles.replica], local.only_their_way.replica) : merge(statement, {
      Resource = concat([aws_dynamodb_table_replica.this[each.key].arn], each.key == "vault" ? [for index in keys(local.indexes) : "${aws_dynamodb_table_replica.this[each.key].arn}/index/${index}"] : [])
    })]
  })
}

# The functions' roles. They are global, so they stand once; what they may do is listed call by call.

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "partition" {
  description = "The AWS partition."
  type        = string
}

variable "account" {
  description = "The AWS account id."
  type        = string
}

variable "regions" {
  description = "The Regions that the functions run in."
  type        = list(string)
}

variable "vault_id" {
  description = "Id of the vault, demanded in every encryption context."
  type        = string
}

variable "tables" {
  description = "Names of the tables."
  type        = object({ vault = string, keys = string, policy = string, audit = string })
}

variable "vault_key_id" {
  description = "Id of the vault KEK."
  type        = string
}

variable "index_key_id" {
  description = "Id of the index KEK."
  type        = string
}

locals {
  table_arns = { for key, table in var.tables : key => [for region in var.regions : "arn:${var.partition}:dynamodb:${region}:${var.account}:table/${table}"] }
  vault_keys = [for region in var.regions : "arn:${var.partition}:kms:${region}:${var.account}:key/${var.vault_key_id}"]
  index_keys = [for region in var.regions : "arn:${var.partition}:kms:${region}:${var.account}:key/${var.index_key_id}"]

  branch_key_context = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "branch-key" } }
  bundle_context     = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "tokenizing-bundle" } }

  read_policy    = { Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = local.table_arns.policy }
  read_keys      = { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query"], Resource = local.table_arns.keys }
  unwrap_bundles = { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.index_keys, Condition = local.bundle_context }
  trace          = { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] } # X-Ray's write actions name no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html

  statements = {
    tokenize = [
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:Query"], Resource = local.table_arns.vault },
      local.read_keys,
      local.read_policy,
      local.unwrap_bundles,
    ]
    reveal = [
      { Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:Query"], Resource = local.table_arns.vault },
      { Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = local.table_arns.keys },
      { Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = local.table_arns.audit },
      local.read_policy,
      local.unwrap_bundles,
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.vault_keys, Condition = local.branch_key_context },
    ]
    maintain = [
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"], Resource = local.table_arns.keys },
      local.read_policy,
      { Effect = "Allow", Action = ["kms:GenerateDataKeyPairWithoutPlaintext"], Resource = local.vault_keys, Condition = local.branch_key_context },
      { Effect = "Allow", Action = ["kms:Encrypt"], Resource = local.index_keys, Condition = local.bundle_context },
    ]
  }
}

# The roles stand before the keys whose policies name them, and their permissions after.
resource "aws_iam_role" "this" {
  for_each = toset(["tokenize", "reveal", "maintain"])

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.statements

  name = "calls"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(each.value, [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for region in var.regions : "arn:${var.partition}:logs:${region}:${var.account}:log-group:/aws/lambda/${var.name}-${each.key}-${region}:*"]
      },
      local.trace,
    ])
  })
}

output "role_arns" {
  description = "ARNs of the roles: tokenize, reveal, maintain."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

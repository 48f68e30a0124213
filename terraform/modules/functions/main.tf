# The functions' roles. Roles are global, so the Region is in their names; what they may do is listed call by call.

locals {
  table_arns = { for key, table in var.tables : key => [for region in var.regions : "arn:${var.partition}:dynamodb:${region}:${var.account}:table/${table}"] }
  key_arns   = { for key, id in var.key_ids : key => [for region in var.regions : "arn:${var.partition}:kms:${region}:${var.account}:key/${id}"] }
  by_subject = [for arn in local.table_arns.vault : "${arn}/index/by_subject"]
  by_expiry  = [for arn in local.table_arns.vault : "${arn}/index/by_expiry"]

  branch_key_context = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "branch-key" } }
  bundle_context     = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "tokenizing-bundle" } }
  prf_context        = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "prf-key" } }
  index_context      = { StringEquals = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = ["tokenizing-bundle", "prf-key"] } }

  chain_context = { for name in ["tokenize", "reveal", "maintain"] : name => { StringEquals = {
    "kms:EncryptionContext:vault"    = var.vault_id,
    "kms:EncryptionContext:purpose"  = "audit-chain",
    "kms:EncryptionContext:function" = name,
  } } }

  # A person's partition is named tenant#person; the list of persons to clean up after has no #, and is the others' to write.
  persons_only = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["*#*"] } }

  # Approvals lie beside the budgets, in partitions that begin with ~, as no tenant's do: the revealing function's alone.
  budgets_only   = { "ForAllValues:StringNotLike" = { "dynamodb:LeadingKeys" = ["~*"] } }
  approvals_only = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["~approvals#*"] } }

  # What a walk over the records reads of them: which there are, and the version of the key that each names. Without
  # `Select`, a request for all attributes would name none, and so none but these.
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  names_of_records = {
    StringEquals                = { "dynamodb:Select" = "SPECIFIC_ATTRIBUTES" }
    "ForAllValues:StringEquals" = { "dynamodb:Attributes" = ["pk", "sk", "*amzn-ddb-map-desc*"] }
  }

  read_policy = { Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = local.table_arns.policy }
  read_keys   = { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query"], Resource = local.table_arns.keys }
  trace       = { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] } # X-Ray's write actions name no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html

  # What the revealing function may besides where a client exports: an export lists the records, by their names alone, and
  # asks for the newest key, which its cursors are sealed to.
  exporting = [
    { Effect = "Allow", Action = ["dynamodb:Scan"], Resource = local.table_arns.vault, Condition = local.names_of_records },
    { Effect = "Allow", Action = ["dynamodb:Query"], Resource = local.table_arns.keys },
  ]

  # What the revealing function may besides where a type has another PRF key than the first: it gives values their tokens
  # under that one, as the tokenizing function does, and asks for the newest keys to do so with (docs/adr/0021).
  retokenizing = [
    { Effect = "Allow", Action = ["dynamodb:Query"], Resource = local.table_arns.keys },
    { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.key_arns.index, Condition = local.prf_context },
    { Effect = "Allow", Action = ["kms:GenerateMac"], Resource = local.key_arns.hmac },
  ]

  besides = concat([for statement in local.exporting : statement if var.exports], [for statement in local.retokenizing : statement if var.retokenizes])

  statements = {
    tokenize = [
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:Query"], Resource = local.table_arns.vault },
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchGetItem"], Resource = local.table_arns.subjects, Condition = local.persons_only },
      { Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = local.table_arns.idempotency },
      { Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = local.table_arns.budgets, Condition = local.budgets_only },
      local.read_keys,
      local.read_policy,
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.key_arns.index, Condition = local.index_context },
      { Effect = "Allow", Action = ["kms:GenerateMac"], Resource = local.key_arns.hmac },
      { Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = local.table_arns.audit },
      { Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = local.key_arns.audit, Condition = local.chain_context.tokenize },
    ]
    reveal = [
      { Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:BatchWriteItem", "dynamodb:PutItem"], Resource = local.table_arns.vault },
      { Effect = "Allow", Action = ["dynamodb:Query"], Resource = local.by_subject },
      { Effect = "Allow", Action = ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = local.table_arns.subjects },
      { Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = local.table_arns.keys },
      { Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = local.table_arns.budgets, Condition = local.budgets_only },
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:Query"], Resource = local.table_arns.budgets, Condition = local.approvals_only },
      { Effect = "Allow", Action = ["dynamodb:PutItem"], Resource = local.table_arns.audit },
      local.read_policy,
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.key_arns.index, Condition = local.bundle_context },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = local.key_arns.vault, Condition = local.branch_key_context },
      { Effect = "Allow", Action = ["kms:Sign", "kms:Verify"], Resource = local.key_arns.receipts },
      { Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = local.key_arns.audit, Condition = local.chain_context.reveal },
    ]
    maintain = [
      { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], Resource = local.table_arns.keys },
      { Effect = "Allow", Action = ["dynamodb:Scan"], Resource = local.table_arns.vault, Condition = local.names_of_records },
      { Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = local.table_arns.subjects },
      { Effect = "Allow", Action = ["dynamodb:BatchWriteItem"], Resource = local.table_arns.vault },
      { Effect = "Allow", Action = ["dynamodb:Query"], Resource = concat(local.by_subject, local.by_expiry) },
      local.read_policy,
      { Effect = "Allow", Action = ["kms:GenerateDataKeyPairWithoutPlaintext"], Resource = local.key_arns.vault, Condition = local.branch_key_context },
      { Effect = "Allow", Action = ["kms:Encrypt"], Resource = local.key_arns.index, Condition = local.index_context },
      { Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:Query"], Resource = local.table_arns.audit },
      { Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = local.key_arns.audit, Condition = local.chain_context.maintain },
    ]
  }
}

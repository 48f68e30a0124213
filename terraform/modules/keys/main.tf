# The KMS keys, and who may do what with each. In a key policy, Resource "*" means this key:
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html

terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica] # the second Region; the first one again where there is none
    }
  }
}

locals {
  administrators = length(var.administrator_arns) > 0 ? var.administrator_arns : ["arn:${var.partition}:iam::${var.account}:root"]

  # Everything an administrator needs, and nothing that uses a key or hands its use on by a grant.
  administer = {
    Sid       = "AdministratorsManageTheKeyWithoutUsingIt"
    Effect    = "Allow"
    Principal = { AWS = local.administrators }
    Resource  = "*"
    Action = [
      "kms:CancelKeyDeletion", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey",
      "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants",
      "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:ReplicateKey",
      "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
      "kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias", "kms:UpdateKeyDescription", "kms:UpdatePrimaryRegion",
    ]
  }

  # The least that DynamoDB needs of a customer managed key, with kms:CreateGrant for who makes a table:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
  dynamodb_actions = [
    "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom", "kms:ReEncryptTo",
  ]

  # A role that plans a change, or audits, looks at a key's settings as the account's IAM policies allow. It is no use of it.
  look = {
    Sid       = "TheAccountSeesTheKeysSettings"
    Effect    = "Allow"
    Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
    Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    Resource  = "*"
  }

  branch_key_context = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "branch-key" }
  bundle_context     = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "tokenizing-bundle" }
  prf_context        = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "prf-key" }
  index_context      = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = ["tokenizing-bundle", "prf-key"] }
  chain_context      = { "kms:EncryptionContext:vault" = var.vault_id, "kms:EncryptionContext:purpose" = "audit-chain" }

  # A key is used by the functions of its own Region; where the second serves none, they are the first's.
  places = {
    this    = { roles = var.roles, others = try(var.replica_roles.tokenize, null) }
    replica = { roles = try(coalesce(var.replica_roles), var.roles), others = var.replica_roles == null ? null : var.roles.tokenize }
  }

  statements = { for place, here in local.places : place => {
    vault = concat([
      {
        # The whole point: whatever else is granted by mistake, the path that takes values in never reads them back.
        Sid       = "TheTokenizingFunctionNeverTouchesThisKey"
        Effect    = "Deny"
        Principal = { AWS = here.roles.tokenize }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "TheRevealingFunctionUnwrapsPrivateHalves"
        Effect    = "Allow"
        Principal = { AWS = here.roles.reveal }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = local.branch_key_context }
      },
      {
        Sid       = "TheMaintenanceFunctionMakesKeyPairsItCannotUse"
        Effect    = "Allow"
        Principal = { AWS = here.roles.maintain }
        Action    = "kms:GenerateDataKeyPairWithoutPlaintext"
        Resource  = "*"
        Condition = { StringEquals = merge(local.branch_key_context, { "kms:DataKeyPairSpec" = "ECC_NIST_P256" }) }
      },
      ], [
      for role in here.others[*] : {
        Sid       = "NorDoesTheOtherRegionsTokenizingFunction"
        Effect    = "Deny"
        Principal = { AWS = role }
        Action    = "kms:*"
        Resource  = "*"
      }
    ])
    index = concat([
      {
        Sid       = "TheTokenizingFunctionUnwrapsBundlesAndPrfKeys"
        Effect    = "Allow"
        Principal = { AWS = here.roles.tokenize }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = local.index_context }
      },
      {
        Sid       = "TheRevealingFunctionUnwrapsBundles"
        Effect    = "Allow"
        Principal = { AWS = here.roles.reveal }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = local.bundle_context }
      },
      {
        Sid       = "TheMaintenanceFunctionWrapsBundlesAndPrfKeys"
        Effect    = "Allow"
        Principal = { AWS = here.roles.maintain }
        Action    = "kms:Encrypt"
        Resource  = "*"
        Condition = { StringEquals = local.index_context }
      },
      ], [
      for role in [here.roles.reveal] : {
        Sid       = "TheRevealingFunctionUnwrapsPrfKeys"
        Effect    = "Allow"
        Principal = { AWS = role }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = local.prf_context }
      } if var.retokenizes
    ])
    hmac = concat([
      {
        Sid       = "TheTokenizingFunctionDerivesDeterministicTokens"
        Effect    = "Allow"
        Principal = { AWS = here.roles.tokenize }
        Action    = "kms:GenerateMac"
        Resource  = "*"
        Condition = { StringEquals = { "kms:MacAlgorithm" = "HMAC_SHA_256" } }
      },
      ], [
      for role in [here.roles.reveal] : {
        Sid       = "TheRevealingFunctionDerivesNewTokensForOldOnes"
        Effect    = "Allow"
        Principal = { AWS = role }
        Action    = "kms:GenerateMac"
        Resource  = "*"
        Condition = { StringEquals = { "kms:MacAlgorithm" = "HMAC_SHA_256" } }
      } if var.retokenizes
    ])
    receipts = [
      {
        Sid       = "TheRevealingFunctionSignsErasureReceipts"
        Effect    = "Allow"
        Principal = { AWS = here.roles.reveal }
        Action    = "kms:Sign"
        Resource  = "*"
        Condition = { StringEquals = { "kms:SigningAlgorithm" = "ECDSA_SHA_256" } }
      },
      {
        Sid       = "AnybodyInTheAccountMayCheckThem"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
        Action    = ["kms:GetPublicKey", "kms:Verify"]
        Resource  = "*"
      },
    ]
    # A function begins chains of its own only: whoever takes the tokenizing one over cannot forge a reveal's record.
    audit = concat([
      for name in ["tokenize", "reveal", "maintain"] : {
        Sid       = "${title(name)}BeginsChainsThatItCannotOpenAgain"
        Effect    = "Allow"
        Principal = { AWS = here.roles[name] }
        Action    = "kms:GenerateDataKey"
        Resource  = "*"
        Condition = { StringEquals = merge(local.chain_context, { "kms:EncryptionContext:function" = name }) }
      }
      ], [
      for arns in [var.auditor_arns] : {
        Sid       = "AuditorsOpenChains"
        Effect    = "Allow"
        Principal = { AWS = arns }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = local.chain_context }
      } if length(arns) > 0
    ])
    tables = [
      {
        # DynamoDB asks KMS in the name of whoever reads or writes a table, and holds a grant that whoever
        # makes the table hands it. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        Sid       = "DynamoDBInTheNameOfTheFunctions"
        Effect    = "Allow"
        Principal = { AWS = values(here.roles) }
        Action    = local.dynamodb_actions
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = "dynamodb.*.amazonaws.com" } }
      },
      {
        Sid       = "DynamoDBInTheNameOfWhoeverMayMakeTables"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
        Action    = concat(["kms:CreateGrant"], local.dynamodb_actions)
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = "dynamodb.*.amazonaws.com" } }
      },
    ]
  } }

  descriptions = {
    vault    = "Wraps the private halves of branch keys. Losing it loses every value."
    index    = "Wraps tokenizing bundles and PRF keys. Losing it loses every value."
    hmac     = "Deterministic tokens follow from it. Losing it loses the way from values to their tokens."
    receipts = "Signs erasure receipts."
    audit    = "Wraps the keys of the audit trail's chains."
    tables   = "Encrypts the tables at rest. Wraps no key of tokenvault."
  }

  # Only symmetric keys rotate by themselves. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
  kinds = {
    hmac     = { spec = "HMAC_256", usage = "GENERATE_VERIFY_MAC" }
    receipts = { spec = "ECC_NIST_P256", usage = "SIGN_VERIFY" }
  }
}

locals {
  policies = { for place, keys in local.statements : place => {
    for name, statements in keys : name => jsonencode({ Version = "2012-10-17", Statement = concat([local.administer, local.look], statements) })
  } }
}

resource "aws_kms_key" "this" {
  for_each = local.statements.this

  description              = "${var.name}: ${local.descriptions[each.key]}"
  multi_region             = true
  customer_master_key_spec = try(local.kinds[each.key].spec, "SYMMETRIC_DEFAULT")
  key_usage                = try(local.kinds[each.key].usage, "ENCRYPT_DECRYPT")
  enable_key_rotation      = !contains(keys(local.kinds), each.key)
  rotation_period_in_days  = contains(keys(local.kinds), each.key) ? null : var.rotation_days
  deletion_window_in_days  = var.deletion_window_days

  policy = local.policies.this[each.key]
}

resource "aws_kms_alias" "this" {
  for_each = aws_kms_key.this

  name          = "alias/${var.name}-${each.key}"
  target_key_id = each.value.key_id
}

# Copies besides point-in-time recovery, of the tables whose items stay. Never of subjects: a copy of a person's
# secret would undo an erasure. Never of idempotency and budgets: they are worthless after a day.

locals {
  copied = ["vault", "keys", "policy", "audit"]
}

resource "aws_kms_key" "backup" {
  count = var.backup == null ? 0 : 1

  description             = "${var.name}: encrypts backups in ${local.region}."
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # In a key policy, Resource "*" means this key.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheAccountAdministersByItsIamPolicies"
      Effect    = "Allow"
      Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
      Action    = "kms:*" # Records are sealed before they get here: the account's IAM policies decide who may.
      Resource  = "*"
    }]
  })
}

resource "aws_backup_vault" "this" {
  count = var.backup == null ? 0 : 1

  name          = var.name
  kms_key_arn   = aws_kms_key.backup[0].arn
  force_destroy = var.force_destroy # AWS deletes no vault that holds a recovery point
}

resource "aws_backup_plan" "this" {
  count = var.backup == null ? 0 : 1

  name = var.name

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this[0].name
    schedule          = var.backup.schedule

    lifecycle {
      delete_after = var.backup.keep_days
    }
  }
}

resource "aws_backup_selection" "this" {
  count = var.backup == null ? 0 : 1

  name         = "${var.name}-tables"
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.backup[0].arn

  # AWS Backup tries the role before it takes the selection.
  depends_on = [aws_iam_role_policy_attachment.backup]

  resources = [for name in local.copied : "arn:${var.partition}:dynamodb:${local.region}:${var.account}:table/${var.tables[name]}"]
}

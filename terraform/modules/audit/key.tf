# The archive's own KMS key: who writes cannot read. In a key policy, Resource "*" means this key.

resource "aws_kms_key" "archive" {
  # checkov:skip=CKV2_AWS_64: The policy stands below; checkov does not see it past the references to roles.
  description             = "${var.name}: encrypts the archive of the audit trail in ${local.region}."
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AdministratorsManageTheKeyWithoutUsingIt"
        Effect    = "Allow"
        Principal = { AWS = length(var.administrator_arns) > 0 ? var.administrator_arns : [local.root] }
        Resource  = "*"
        Action = [
          "kms:CancelKeyDeletion", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey",
          "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants",
          "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant",
          "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
          "kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias", "kms:UpdateKeyDescription",
        ]
      },
      {
        Sid       = "TheAccountSeesTheKeysSettings" # as its IAM policies allow; see ../keys
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource  = "*"
      },
      {
        Sid       = "TheArchiverWritesWhatItCannotRead"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.archive.arn }
        Action    = "kms:GenerateDataKey"
        Resource  = "*"
        Condition = local.through_s3
      },
      {
        Sid       = "TheReaderReads"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.reader.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = local.through_s3
      },
    ]
  })
}

resource "aws_kms_alias" "archive" {
  name          = "alias/${var.name}-archive"
  target_key_id = aws_kms_key.archive.key_id
}

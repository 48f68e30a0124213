# One key for the bucket, the logs and the history of executions. In a key policy, Resource "*" means this key.

locals {
  # S3 asks KMS with the bucket's ARN as context, since a bucket key serves many objects:
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
  through_s3 = {
    StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = local.bucket_arn }
  }
  # The executions that a map starts are of the machine's ARN with the map's label behind it.
  of_the_machine = {
    StringLike = { "kms:EncryptionContext:aws:states:stateMachineArn" = flatten([for arn in concat([local.machine_arn], var.exports == null ? [] : [local.export_machine_arn]) : [arn, "${arn}/*"]]) }
  }
}

resource "aws_kms_key" "bulk" {
  # checkov:skip=CKV2_AWS_64: The policy stands below; checkov does not see it past the references to roles.
  description             = "${var.name}: encrypts the files of imports and exports, their logs and their history in ${local.region}."
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AdministratorsManageTheKeyWithoutUsingIt"
        Effect    = "Allow"
        Principal = { AWS = var.key_administration.principals }
        Action    = var.key_administration.actions
        Resource  = "*"
      },
      {
        Sid       = "TheAccountSeesTheKeysSettings" # as its IAM policies allow; see ../keys
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource  = "*"
      },
      {
        Sid       = "FilesThroughS3" # as the account's IAM policies allow, and the bucket's policy does not deny
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = local.through_s3
      },
      {
        Sid       = "TheHistoryOfExecutions" # as the account's IAM policies allow: of the machine, and of who starts and looks
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = local.of_the_machine
      },
      {
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        Sid       = "CloudWatchLogsForTheModulesGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource  = "*"
        Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = [for group in values(local.log_groups) : "arn:${var.partition}:logs:${local.region}:${var.account}:log-group:${group}"] } }
      },
      {
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
        Sid       = "DeliveriesOfTheMachinesLog"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
      },
    ]
  })
}

resource "aws_kms_alias" "bulk" {
  name          = "alias/${var.name}-bulk"
  target_key_id = aws_kms_key.bulk.key_id
}

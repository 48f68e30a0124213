# Telling the topic of failed calls, and making backups.

# AWS names the condition for policies of resources and says nothing of this role's trust policy:
# https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html
# Should AWS Backup not send it, the selection fails as it is made, since AWS Backup tries the role then:
# https://github.com/hashicorp/terraform-provider-aws/issues/9297
resource "aws_iam_role" "backup" {
  count = var.backup == null ? 0 : 1
  name  = "${var.name}-backup-${local.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
      Condition = local.from_here
    }]
  })
}

resource "aws_iam_role_policy_attachment" "backup" {
  count      = var.backup == null ? 0 : 1
  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:${var.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
}

# Lambda tells the topic in the name of the function whose call failed.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
resource "aws_iam_role_policy" "failures" {
  name = "failures-${local.region}"
  role = var.maintain_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sns:Publish"], Resource = aws_sns_topic.alarms.arn },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = aws_kms_key.alarms.arn
        Condition = { StringEquals = { "kms:ViaService" = "sns.${local.region}.amazonaws.com" } }
      },
    ]
  })
}

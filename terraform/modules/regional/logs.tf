# Log groups, made before anything writes to them, so that none is ever unencrypted or kept for ever.

locals {
  log_groups = merge(
    { for name, function in local.function_names : name => "/aws/lambda/${function}" },
    { access = "/aws/apigateway/${var.name}-${local.region}/access" },
    var.firewall == null ? {} : { waf = "aws-waf-logs-${var.name}-${local.region}" }, # WAF wants that beginning
    local.own_network ? { flow = "/aws/vpc/${var.name}-${local.region}/flow" } : {},
  )
}

resource "aws_kms_key" "logs" {
  description             = "${var.name}: encrypts the logs in ${local.region}."
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_window_days

  # In a key policy, Resource "*" means this key.
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
        Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
        Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource  = "*"
      },
      {
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        Sid       = "CloudWatchLogsForGroupsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource  = "*"
        # The API's id is not known while its functions' groups are made, so the execution log is named by its pattern.
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = [for group in concat(values(local.log_groups), ["API-Gateway-Execution-Logs_*/live"]) : "arn:${var.partition}:logs:${local.region}:${var.account}:log-group:${group}"] } }
      },
    ]
  })
}

resource "aws_kms_alias" "logs" {
  name          = "alias/${var.name}-logs"
  target_key_id = aws_kms_key.logs.key_id
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs.arn
}

# API Gateway names its execution log itself. Without this it makes the group too: kept for ever, and not by our key.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.rest_api.id}/live"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs.arn
}

resource "aws_api_gateway_account" "this" {
  count               = var.manage_api_gateway_account ? 1 : 0
  cloudwatch_role_arn = aws_iam_role.api_logs[0].arn
  reset_on_delete     = true # else the account keeps the ARN of a role that is gone; from provider 6 on it always is reset

  depends_on = [aws_iam_role_policy_attachment.api_logs]
}

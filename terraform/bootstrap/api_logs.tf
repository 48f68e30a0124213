# API Gateway writes the logs of all APIs of an account and Region with one role. It is made here, once, and not by a
# stack, since a second stack would overwrite it and the first to go would leave it dangling.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html

variable "api_gateway_log_role" {
  description = "Whether to set the role that API Gateway writes logs with, for the account and `region`. An account has one such role a Region: false if it is set already, by another team's stack say."
  type        = bool
  default     = true
}

resource "aws_iam_role" "api_logs" {
  count = var.api_gateway_log_role ? 1 : 0
  name  = "${var.name}-account-api-logs-${var.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonAPIGatewayPushToCloudWatchLogs.html
resource "aws_iam_role_policy_attachment" "api_logs" {
  count = var.api_gateway_log_role ? 1 : 0

  role       = aws_iam_role.api_logs[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.api_gateway_log_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_logs[0].arn
  reset_on_delete     = true # no role at all, rather than a name without a role

  depends_on = [aws_iam_role_policy_attachment.api_logs]
}

output "api_gateway_log_role_arn" {
  description = "ARN of the role that API Gateway writes logs with, null if it is not set here."
  value       = one(aws_iam_role.api_logs[*].arn)
}

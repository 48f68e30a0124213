# The state machine. What it does stands in state_machine.json, which the tests run; its history holds keys of objects,
# versions and ranges, and its log no data at all.

resource "aws_sfn_state_machine" "bulk" {
  name     = local.machine_name
  role_arn = aws_iam_role.machine.arn
  type     = "STANDARD"

  definition = templatefile("${path.module}/state_machine.json", {
    partition         = var.partition
    bucket            = local.bucket
    output_prefix     = local.output_prefix
    files             = aws_lambda_function.this["files"].qualified_arn # a running import keeps the code that it began with
    part              = aws_lambda_function.this["part"].qualified_arn
    parallel_segments = var.parallel_segments
    parallel_parts    = var.parallel_parts
    retry             = file("${path.module}/retry.json")
  })

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this["machine"].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = aws_kms_key.bulk.arn
    kms_data_key_reuse_period_seconds = 300
  }

  depends_on = [aws_iam_role_policy.machine]
}

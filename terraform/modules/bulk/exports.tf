# Exports over S3, where `exports` names a client that may (ADR 20). `give_out` has the revealing function's role and package, and
# knows no bucket; `carry` carries what that sealed, and can open nothing. The machine of exports stands between nothing else.

locals {
  give_out            = "${var.name}-bulk-give-out-${local.region}"
  give_out_arn        = "arn:${var.partition}:lambda:${local.region}:${var.account}:function:${local.give_out}"
  export_machine_name = "${var.name}-bulk-export-${local.region}"
  export_machine_arn  = "arn:${var.partition}:states:${local.region}:${var.account}:stateMachine:${local.export_machine_name}"
}

resource "aws_lambda_function" "give_out" {
  # checkov:skip=CKV_AWS_116: The function `carry` waits for the answer: there is nothing to put aside.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  # checkov:skip=CKV_AWS_115: The state machine says how many parts are under way, and each asks for a page at a time.
  for_each = { for exports in var.exports[*] : "exports" => exports }

  function_name    = local.give_out
  description      = "Gives pages of exports out, sealed, as the client ${each.value.client}."
  role             = each.value.reveal.role_arn
  filename         = var.vault_package.filename
  source_code_hash = filebase64sha256(var.vault_package.filename)
  handler          = "chalicelib.bulk.give_out"
  runtime          = var.vault_package.runtime
  architectures    = var.vault_package.architectures
  memory_size      = each.value.reveal.memory_mb
  timeout          = 30

  environment {
    variables = merge(each.value.reveal.environment, { TOKENVAULT_BULK_EXPORT_CLIENT = each.value.client })
  }

  # The role writes to the revealing function's log and to no other.
  logging_config {
    log_format = "Text"
    log_group  = each.value.reveal.log_group
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_sfn_state_machine" "exports" {
  for_each = { for exports in var.exports[*] : "exports" => exports }

  name     = local.export_machine_name
  role_arn = aws_iam_role.export_machine[each.key].arn
  type     = "STANDARD"

  definition = templatefile("${path.module}/export_machine.json", {
    partition      = var.partition
    carry          = aws_lambda_function.this["carry"].qualified_arn # an export that runs keeps the code that it began with
    parallel_parts = each.value.parallel_parts
    retry          = file("${path.module}/retry.json")
  })

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this["export_machine"].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = aws_kms_key.bulk.arn
    kms_data_key_reuse_period_seconds = 300
  }

  depends_on = [aws_iam_role_policy.export_machine]
}

resource "aws_iam_role" "export_machine" {
  for_each = toset(var.exports == null ? [] : ["exports"])

  name = local.export_machine_name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
      Condition = { StringEquals = { "aws:SourceAccount" = var.account }, ArnLike = { "aws:SourceArn" = "${local.export_machine_arn}*" } }
    }]
  })
}

resource "aws_iam_role_policy" "export_machine" {
  # checkov:skip=CKV_AWS_355: The actions of log deliveries and of X-Ray name no resource.
  # checkov:skip=CKV_AWS_290: The actions of log deliveries and of X-Ray name no resource.
  for_each = aws_iam_role.export_machine

  name = "calls"
  role = each.value.id

  # It reads no object: what a step hands to the next are names and numbers.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = local.invoked.export_machine },
      # The module's key encrypts the history of executions: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [aws_kms_key.bulk.arn], Condition = local.of_the_machine },
      # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      { Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.export_machine_arn] },
      { Effect = "Allow", Action = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"], Resource = [for of in [":", "/"] : "arn:${var.partition}:states:${local.region}:${var.account}:execution:${local.export_machine_name}${of}*"] },
      # Log deliveries name no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
      { Effect = "Allow", Action = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"], Resource = ["*"] },
      { Effect = "Allow", Action = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource = ["*"] },
    ]
  })
}

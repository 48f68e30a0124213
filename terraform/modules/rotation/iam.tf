# What the job may do: have two functions answer, and run itself. Whoever may change its definition may have the revealing
# function answer anything: docs/operations.md.

locals {
  # "The state machine", said by its own ARN: https://docs.aws.amazon.com/step-functions/latest/dg/cross-service-confused-deputy.html
  from_here = { StringEquals = { "aws:SourceAccount" = var.account } }
}

resource "aws_iam_role" "machine" {
  name = join("-", compact([local.name, var.role_region]))

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = merge(local.from_here, { ArnLike = { "aws:SourceArn" = local.machine_arn } })
    }]
  })
}

resource "aws_iam_role_policy" "machine" {
  name = "calls"
  role = aws_iam_role.machine.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [var.function_arns.maintain, var.function_arns.reveal] },
      # A Distributed Map runs its walks as executions of its own state machine:
      # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      { Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.machine_arn] },
      { Effect = "Allow", Action = ["states:DescribeExecution", "states:StopExecution"], Resource = [for end in [":*", "/*"] : "arn:${var.partition}:states:${local.region}:${var.account}:execution:${local.name}${end}"] },
    ]
  })
}

resource "aws_iam_role" "scheduler" {
  count = var.every_days == null ? 0 : 1
  name  = join("-", compact([local.name, "schedule", var.role_region]))

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = local.from_here
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  count = length(aws_iam_role.scheduler)

  name = "calls"
  role = aws_iam_role.scheduler[0].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["states:StartExecution"], Resource = [aws_sfn_state_machine.this.arn] }]
  })
}

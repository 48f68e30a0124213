# A job that ends a rotation on its own, for a table that is too large for one walk after another: docs/operations.md.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  region   = data.aws_region.current.name
  segments = 16 # chalicelib/vault/walks.py

  name        = "${var.name}-rotation"
  machine_arn = "arn:${var.partition}:states:${local.region}:${var.account}:stateMachine:${local.name}"
}

resource "aws_sfn_state_machine" "this" {
  # checkov:skip=CKV_AWS_284: What its functions do is traced by themselves, and the history shows each step.
  # checkov:skip=CKV_AWS_285: The history is kept for 90 days, and the functions log what they did.
  name     = local.name
  role_arn = aws_iam_role.machine.arn
  type     = "STANDARD"

  # Its inputs and answers hold a tenant's name, ids of keys, and numbers: no value, and no token.
  definition = templatefile("${path.module}/machine.asl.json", {
    invoke            = "arn:${var.partition}:states:::lambda:invoke"
    maintain          = var.function_arns.maintain
    reveal            = var.function_arns.reveal
    parts             = jsonencode([for part in range(local.segments) : { part = part, begun = null }])
    concurrency       = local.segments
    limit             = max(1, floor(var.items_per_second / local.segments)) # each walk takes one step a second at most
    pause             = 1
    pause_after_fault = 30
    faults            = 8
    settling_seconds  = var.settling_seconds
    steps             = 1000     # an execution's history has room for 25,000 events, and a step takes up to 22
    longest_seconds   = 31536000 # a year, the longest that there is
  })

  depends_on = [aws_iam_role_policy.machine]
}

resource "aws_scheduler_schedule" "rotation" {
  # checkov:skip=CKV_AWS_297: Its input is the name of a tenant.
  for_each = var.every_days == null ? toset([]) : toset(var.tenants)

  name                = "${local.name}-${each.key}"
  description         = "Another version of the key of ${each.key}, and the end of the one before."
  schedule_expression = "rate(${var.every_days} ${var.every_days == 1 ? "day" : "days"})"

  flexible_time_window {
    mode                      = "FLEXIBLE" # so that not all tenants' walks begin at once
    maximum_window_in_minutes = 1440
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.scheduler[0].arn
    input    = jsonencode({ tenant = each.key, rotate = true })

    retry_policy {
      maximum_retry_attempts = 3
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  for_each = toset(["ExecutionsFailed", "ExecutionsTimedOut"])

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "A job that seals records again has not come to its end. Its history says why; started again, it goes on where it is."
  namespace           = "AWS/States"
  metric_name         = each.key
  dimensions          = { StateMachineArn = aws_sfn_state_machine.this.arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic_arn]
}

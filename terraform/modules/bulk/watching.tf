# Progress and cost in CloudWatch, and an alarm for an import or an export that failed.

locals {
  namespace = "Tokenvault"
  part      = ["service", "tokenvault", "step", "part"]

  # Milliseconds times memory, at the price of a GB-second, and each invocation.
  lambda_costs = {
    for name, function in merge({
      files   = { function = local.functions.files, memory_mb = var.memory_mb }
      part    = { function = local.functions.part, memory_mb = var.memory_mb }
      take_in = { function = local.take_in, memory_mb = var.tokenize.memory_mb }
      }, { for name, function in local.functions : name => { function = function, memory_mb = var.memory_mb } if name == "carry" }, {
      for exports in var.exports[*] : "give_out" => { function = local.give_out, memory_mb = exports.reveal.memory_mb }
    }) : name => merge(function, { per_ms = function.memory_mb / 1024 / 1000 * var.prices.lambda_gb_second })
  }

  carry = ["service", "tokenvault", "step", "export_carry"]

  # A page is signed for once, and its cursor verified once.
  export_widgets = [
    {
      title = "exports: progress (values, and how far each part is)"
      metrics = [
        concat([local.namespace, "BulkExported"], local.carry, [{ stat = "Sum", label = "values" }]),
        concat([local.namespace, "BulkExportFailed"], local.carry, [{ stat = "Sum", label = "without a value" }]),
        concat([local.namespace, "BulkExportWalked"], local.carry, [{ stat = "Minimum", label = "walked, of the part that is least far", yAxis = "right" }]),
        concat([local.namespace, "BulkExportedParts"], local.carry, [{ stat = "Sum", label = "parts done", yAxis = "right" }]),
      ]
    },
    {
      title = "exports: what holds them up"
      metrics = [
        ["AWS/Lambda", "Throttles", "FunctionName", local.give_out, { stat = "Sum", label = "throttled" }],
        ["AWS/States", "ExecutionsFailed", "StateMachineArn", local.export_machine_arn, { stat = "Sum", label = "exports failed" }],
        concat([local.namespace, "BulkSeconds"], local.carry, [{ stat = "p99", label = "seconds a run (p99)", yAxis = "right" }]),
      ]
    },
    {
      title = "exports: dollars, about (KMS, and DynamoDB's reads; their Lambda is with that of imports)"
      metrics = [
        concat([local.namespace, "BulkExportPages"], local.carry, [{ stat = "Sum", id = "pages", visible = false }]),
        concat([local.namespace, "BulkExported"], local.carry, [{ stat = "Sum", id = "values", visible = false }]),
        [{ expression = "FILL(pages, 0) * 2 * ${var.prices.kms_signature}", label = "KMS, two requests a page", id = "kms" }],
        [{ expression = "FILL(values, 0) * 2.12 * ${var.prices.read_unit}", label = "DynamoDB, 2.12 read units a value", id = "reads" }],
      ]
    },
  ]

  widgets = concat(local.import_widgets, [for widget in local.export_widgets : widget if var.exports != null])

  import_widgets = [
    {
      title = "progress (rows and cells)"
      metrics = [
        concat([local.namespace, "BulkRows"], local.part, [{ stat = "Sum", label = "rows" }]),
        concat([local.namespace, "BulkValues"], local.part, [{ stat = "Sum", label = "values" }]),
        concat([local.namespace, "BulkBadCells"], local.part, [{ stat = "Sum", label = "bad cells", yAxis = "right" }]),
      ]
    },
    {
      title = "parts"
      metrics = [
        concat([local.namespace, "BulkParts"], local.part, [{ stat = "Sum", label = "done" }]),
        concat([local.namespace, "BulkSeconds"], local.part, [{ stat = "p99", label = "seconds a part (p99)", yAxis = "right" }]),
      ]
    },
    {
      title = "what holds it up"
      metrics = [
        ["AWS/Lambda", "Throttles", "FunctionName", local.take_in, { stat = "Sum", label = "throttled" }],
        ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.take_in, { stat = "Maximum", label = "batches at once", yAxis = "right" }],
        ["AWS/States", "ExecutionsFailed", "StateMachineArn", local.machine_arn, { stat = "Sum", label = "imports failed" }],
      ]
    },
    {
      title = "dollars, about (Lambda, and DynamoDB's writes)"
      metrics = concat(
        [for name, cost in local.lambda_costs : ["AWS/Lambda", "Duration", "FunctionName", cost.function, { stat = "Sum", id = "ms_${name}", visible = false }]],
        [for name, cost in local.lambda_costs : ["AWS/Lambda", "Invocations", "FunctionName", cost.function, { stat = "Sum", id = "n_${name}", visible = false }]],
        [
          concat([local.namespace, "BulkValues"], local.part, [{ stat = "Sum", id = "cells", visible = false }]),
          [{ expression = join(" + ", [for name, cost in local.lambda_costs : "FILL(ms_${name}, 0) * ${cost.per_ms} + FILL(n_${name}, 0) * ${var.prices.lambda_request}"]), label = "Lambda", id = "lambda" }],
          [{ expression = "FILL(cells, 0) * ${var.prices.write_unit}", label = "DynamoDB, a write unit a value", id = "dynamodb" }],
        ],
      )
    },
  ]
}

resource "aws_cloudwatch_dashboard" "bulk" {
  dashboard_name = local.machine_name

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type       = "metric", width = 12, height = 6, x = index % 2 * 12, y = floor(index / 2) * 6
        properties = { title = widget.title, region = local.region, period = 300, metrics = widget.metrics }
      }
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "export_failed" {
  for_each = toset(var.exports == null ? [] : ["exports"])

  alarm_name        = "${var.name}-bulk-export-failed"
  alarm_description = "An export over S3 failed. The execution says why; mend that, then redrive it within seven days of its beginning: what was carried stays so."

  namespace           = "AWS/States"
  metric_name         = "ExecutionsFailed"
  dimensions          = { StateMachineArn = local.export_machine_arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name        = "${var.name}-bulk-import-failed"
  alarm_description = "An import over S3 failed. The execution says why; mend that, then redrive it: what was taken in stays so."

  namespace           = "AWS/States"
  metric_name         = "ExecutionsFailed"
  dimensions          = { StateMachineArn = local.machine_arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic_arn]
}

# One page to look at first. docs/operations.md says how to read it.

locals {
  # Title, what is drawn, and how. Two widgets a row, in this order.
  widgets = [
    {
      title   = "traffic (requests a minute)"
      metrics = [["AWS/ApiGateway", "Count", "ApiName", var.name, "Stage", var.stage, { stat = "Sum", label = "requests" }]]
    },
    {
      title = "latency (ms)"
      metrics = [
        ["AWS/ApiGateway", "Latency", "ApiName", var.name, "Stage", var.stage, { stat = "p50", label = "p50" }],
        ["AWS/ApiGateway", "Latency", "ApiName", var.name, "Stage", var.stage, { stat = "p99", label = "p99" }],
      ]
    },
    {
      title = "errors"
      metrics = concat(
        [
          ["AWS/ApiGateway", "5XXError", "ApiName", var.name, "Stage", var.stage, { stat = "Sum", label = "ours (5xx)" }],
          ["AWS/ApiGateway", "4XXError", "ApiName", var.name, "Stage", var.stage, { stat = "Sum", label = "callers' (4xx)", yAxis = "right" }],
        ],
        [for name, function in var.functions : ["AWS/Lambda", "Errors", "FunctionName", function, { stat = "Sum", label = "${name} crashed" }]],
      )
    },
    {
      title = "throttles"
      metrics = concat(
        [for name, function in var.functions : ["AWS/Lambda", "Throttles", "FunctionName", function, { stat = "Sum", label = name }]],
        [for name, table in var.tables : ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", table, { stat = "Sum", label = "${name}, writes" }]],
        [for name, table in var.tables : ["AWS/DynamoDB", "ReadThrottleEvents", "TableName", table, { stat = "Sum", label = "${name}, reads" }]],
      )
    },
    {
      title   = "reveals by client"
      metrics = [[{ expression = "SEARCH('{${local.namespace},service,tenant,client} MetricName=\"RevealsByClient\"', 'Sum', 300)", label = "" }]]
    },
    {
      title = "reveals, and what was refused"
      metrics = [
        for metric, label in { Reveals = "in full", MaskedReveals = "masked", RevealsRefused = "tokens refused", RevealsForbidden = "requests refused", CanaryRevealed = "canaries" } :
        [local.namespace, metric, "service", "tokenvault", "function", "reveal", { stat = "Sum", label = label }]
      ]
    },
    {
      title   = "KMS calls by key and operation"
      metrics = [[{ expression = "SEARCH('{AWS/KMS,KeyArn,Operation} MetricName=\"SuccessfulRequest\"', 'Sum', 300)", label = "" }]]
    },
    {
      title = "cold starts"
      metrics = [
        for name in ["tokenize", "reveal"] : [local.namespace, "ColdStart", "service", "tokenvault", "function", name, { stat = "Sum", label = name }]
      ]
    },
    {
      title = "audit trail"
      metrics = [
        [local.namespace, "EventsArchived", "service", "tokenvault", "function", "archive", { stat = "Sum", label = "archived" }],
        [local.namespace, "ArchiveFailed", "service", "tokenvault", "function", "archive", { stat = "Sum", label = "failed" }],
        ["AWS/Lambda", "IteratorAge", "FunctionName", var.functions.archive, { stat = "Maximum", label = "behind (ms)", yAxis = "right" }],
      ]
    },
    {
      title = "tokens"
      metrics = [
        for metric, label in { TokensMade = "made", ValuesRefused = "values refused" } :
        [local.namespace, metric, "service", "tokenvault", "function", "tokenize", { stat = "Sum", label = label }]
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-${local.region}"

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          view    = "timeSeries"
          period  = 60
          metrics = widget.metrics
        }
      }
    ]
  })
}

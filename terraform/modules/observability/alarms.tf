# The alarms. Each says in its description what to look at first; docs/operations.md says the rest.

locals {
  by_function = { for name, function in var.functions : name => { service = "tokenvault", function = name } }
  api         = { ApiName = var.name, Stage = var.stage }

  # One metric against a number, over so many periods of so many seconds.
  plain = merge(
    {
      latency = {
        text      = "The slowest of a hundred requests take too long. Dashboard: latency; then cold starts and throttles."
        namespace = "AWS/ApiGateway", metric = "Latency", dimensions = local.api
        statistic = "p99", above = var.thresholds.latency_p99_ms, seconds = 300, periods = 3
      }
      canary_revealed = {
        text      = "A canary token was turned back: nobody has a reason to. Find the client in the audit trail and disable it."
        namespace = local.namespace, metric = "CanaryRevealed", dimensions = local.by_function.reveal
        statistic = "Sum", above = 0, seconds = 60, periods = 1
      }
      audit_changed = {
        text      = "Somebody changed or removed an item of the audit table. CloudTrail says who; the archive has the item as it was."
        namespace = local.namespace, metric = "AuditItemsChanged", dimensions = local.by_function.archive
        statistic = "Sum", above = 0, seconds = 60, periods = 1
      }
      archive_failed = {
        text      = "The archiver keeps failing. Its log says why: the bucket, its key, or its role."
        namespace = local.namespace, metric = "ArchiveFailed", dimensions = local.by_function.archive
        statistic = "Sum", above = 0, seconds = 300, periods = 3
      }
      archive_lag = {
        text      = "The archive is behind the audit trail. The stream forgets after 24 hours; batches are put aside after 6."
        namespace = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = var.functions.archive }
        statistic = "Maximum", above = var.thresholds.archive_lag_s * 1000, seconds = 300, periods = 1
      }
      archive_lost = {
        text      = "Lambda could not even put a failed batch aside. Archive its day from the audit table by hand (docs/operations.md)."
        namespace = "AWS/Lambda", metric = "DestinationDeliveryFailures", dimensions = { FunctionName = var.functions.archive }
        statistic = "Sum", above = 0, seconds = 300, periods = 1
      }
      reveals_refused = {
        text      = "Many tokens could not be turned back: unknown, expired, erased, or of a type that the client may not see. Somebody may be trying tokens."
        namespace = local.namespace, metric = "RevealsRefused", dimensions = local.by_function.reveal
        statistic = "Sum", above = var.thresholds.refused_reveals, seconds = 300, periods = 1
      }
      reveals_forbidden = {
        text      = "Requests to reveal were refused whole: a client, a purpose or a scope that the policy does not have."
        namespace = local.namespace, metric = "RevealsForbidden", dimensions = local.by_function.reveal
        statistic = "Sum", above = var.thresholds.forbidden_reveals, seconds = 300, periods = 1
      }
      erasure_waits = {
        text      = "The records of an erased subject have waited a day to be cleaned up. Receipts promise two days: look at the maintenance function's log."
        namespace = local.namespace, metric = "PendingErasureAge", dimensions = local.by_function.maintain
        statistic = "Maximum", above = 86400, seconds = 3600, periods = 1
      }
      secrets_overdue = {
        text      = "A short-lived secret stood for an hour after its time: until then, copies of expired card verification codes could be opened. The maintenance function was late: its log, its schedule and its errors say why."
        namespace = local.namespace, metric = "ShortLivedSecretOverdue", dimensions = local.by_function.maintain
        statistic = "Maximum", above = 3600, seconds = 900, periods = 1
      }
      maintenance_failed = {
        text      = "The maintenance function failed: keys of new tenants and rotations wait. Its log says why."
        namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = var.functions.maintain }
        statistic = "Sum", above = 0, seconds = 3600, periods = 1
      }
    },
    {
      for name in ["tokenize", "reveal"] : "audit_failed_${name}" => {
        text      = "The function ${name} refused requests because the audit trail could not be written. Look at the audit table and its key."
        namespace = local.namespace, metric = "AuditFailed", dimensions = local.by_function[name]
        statistic = "Sum", above = 0, seconds = 60, periods = 1
      }
    },
    {
      for name in ["tokenize", "reveal"] : "throttles_${name}" => {
        text      = "Calls of the function ${name} were throttled: concurrency, reserved or the account's, is used up."
        namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = var.functions[name] }
        statistic = "Sum", above = var.thresholds.throttles, seconds = 60, periods = 3
      }
    },
    var.web_acl_name == null ? {} : {
      waf_blocks = {
        text      = "The WAF blocks many requests. Its log says which rule."
        namespace = "AWS/WAFV2", metric = "BlockedRequests", dimensions = { WebACL = var.web_acl_name, Region = local.region, Rule = "ALL" }
        statistic = "Sum", above = var.thresholds.blocked_requests, seconds = 300, periods = 1
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "plain" {
  for_each = local.plain

  alarm_name          = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.seconds
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # No calls, no points.
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "Too many requests end in an error of ours (5xx). The functions' logs have the code, and the cause where AWS refuses the service (docs/operations.md)."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.error_percent
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "percent"
    label       = "errors, percent"
    expression  = "IF(requests > 20, 100 * errors / requests, 0)" # One of three at night is not an outage.
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { requests = "Count", errors = "5XXError" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        dimensions  = local.api
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

# The others of the maintenance function say nothing where it does not run at all.
resource "aws_cloudwatch_metric_alarm" "maintenance_missing" {
  alarm_name          = "${var.name}-maintenance-missing"
  alarm_description   = "The maintenance function has not run for an hour: short-lived secrets are not destroyed, so copies of expired card verification codes can still be opened. Look at its schedule, and run it by hand (docs/operations.md)."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = var.functions.maintain }
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 900
  evaluation_periods  = 4
  treat_missing_data  = "breaching" # No calls, no points.
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# More than this hour of the week usually has.
locals {
  unusual = {
    reveals = {
      text   = "Far more reveals than usual: somebody may copy the vault with good credentials. Dashboard: reveals by client; then that client's purpose in the audit trail."
      metric = "Reveals", function = "reveal"
    }
    searches = {
      text   = "Far more searches than usual: each tells whether a guessed value is in the vault. The audit trail says which client."
      metric = "Searches", function = "tokenize"
    }
    deterministic_tokens = {
      text   = "Far more deterministic tokens than usual: each tells whether a guessed value has the token that somebody holds. The function's log says which client."
      metric = "DeterministicTokens", function = "tokenize"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "unusual" {
  for_each = local.unusual

  alarm_name          = "${var.name}-${replace(each.key, "_", "-")}-unusual"
  alarm_description   = each.value.text
  comparison_operator = "GreaterThanUpperThreshold"
  threshold_metric_id = "usual"
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "usual"
    label       = "usual"
    expression  = "ANOMALY_DETECTION_BAND(counted, ${var.thresholds.reveal_deviations})"
    return_data = true
  }

  metric_query {
    id          = "counted"
    return_data = true

    metric {
      namespace   = local.namespace
      metric_name = each.value.metric
      dimensions  = local.by_function[each.value.function]
      period      = 300
      stat        = "Sum"
    }
  }
}

# The policy table is read once a container and left out.
resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = { for name, table in var.tables : name => table if name != "policy" }

  alarm_name          = "${var.name}-table-throttles-${each.key}"
  alarm_description   = "DynamoDB throttles the table ${each.key}: a hot partition, or provisioned capacity that is too small."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.throttles
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "throttles"
    label       = "throttled"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        dimensions  = { TableName = each.value }
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

# What somebody gets up for.
resource "aws_cloudwatch_composite_alarm" "page" {
  alarm_name        = "${var.name}-page"
  alarm_description = "The vault fails, somebody turns back what nobody should, or the audit trail has a hole. The alarm that set this one off says what to do."
  alarm_actions     = concat([aws_sns_topic.alarms.arn], var.pager_arns)
  ok_actions        = [aws_sns_topic.alarms.arn]

  alarm_rule = join(" OR ", [
    for alarm in concat(
      [aws_cloudwatch_metric_alarm.errors.alarm_name],
      [for name in ["canary_revealed", "audit_failed_tokenize", "audit_failed_reveal", "audit_changed", "archive_lag", "archive_lost"] : aws_cloudwatch_metric_alarm.plain[name].alarm_name],
    ) : "ALARM(\"${alarm}\")"
  ])
}

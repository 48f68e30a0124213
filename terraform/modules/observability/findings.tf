# What AWS notices by itself: access from outside the account, and what is done to KMS keys.

resource "aws_accessanalyzer_analyzer" "account" {
  count = var.access_analyzer ? 1 : 0

  analyzer_name = var.name
  type          = "ACCOUNT"
}

locals {
  findings = merge(
    {
      keys = {
        text = "Somebody disables a KMS key, schedules its deletion or changes its policy."
        pattern = {
          source      = ["aws.kms"]
          detail-type = ["AWS API Call via CloudTrail"]
          detail      = { eventName = ["DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"] }
        }
      }
    },
    var.access_analyzer ? {
      access = {
        text = "Something in the account can be reached from outside it."
        pattern = {
          source      = ["aws.access-analyzer"]
          detail-type = ["Access Analyzer Finding"]
          detail      = { status = ["ACTIVE"] }
        }
      }
    } : {},
  )
}

resource "aws_cloudwatch_event_rule" "finding" {
  for_each = local.findings

  name          = "${var.name}-finding-${each.key}"
  description   = each.value.text
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "finding" {
  for_each = local.findings

  rule = aws_cloudwatch_event_rule.finding[each.key].name
  arn  = aws_sns_topic.alarms.arn
}

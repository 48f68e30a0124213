# Alarms, backups and findings by themselves. Offline: no account, no emulator.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mocked" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name               = "tokenvault"
  partition          = "aws"
  account            = "123456789012"
  functions          = { tokenize = "t", reveal = "r", maintain = "m", archive = "a" }
  maintain_role_name = "tokenvault-maintain"
  stage              = "live"
  tables             = { for name in ["vault", "keys", "policy", "audit", "subjects", "idempotency", "budgets"] : name => "tokenvault-${name}" }
  emails             = ["oncall@example.com"]
  pager_arns         = ["arn:aws:ssm-incidents::123456789012:response-plan/vault"]
  traced_share       = 0.05
  access_analyzer    = false
  backup             = null
  thresholds = {
    error_percent     = 1
    latency_p99_ms    = 2000
    throttles         = 0
    refused_reveals   = 50
    forbidden_reveals = 5
    reveal_deviations = 4
    archive_lag_s     = 900
    blocked_requests  = 500
  }
}

run "without_what_is_optional" {
  command = apply
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.plain), "waf_blocks")
    error_message = "no WAF, no alarm on it"
  }

  assert {
    condition     = length(aws_accessanalyzer_analyzer.account) == 0 && keys(aws_cloudwatch_event_rule.finding) == ["keys"]
    error_message = "no analyzer, no findings of it"
  }

  # EventBridge sends neither: with them every finding is dropped.
  assert {
    condition     = [for statement in jsondecode(aws_kms_key.alarms.policy).Statement : keys(statement.Condition.StringEquals) if strcontains(jsonencode(statement.Principal), "events.amazonaws.com")] == [["kms:EncryptionContext:aws:sns:topicArn"]]
    error_message = "the key lets EventBridge in by the topic, not by account or rule"
  }

  assert {
    condition     = [for statement in jsondecode(aws_sns_topic_policy.alarms.policy).Statement : contains(keys(statement), "Condition") if strcontains(jsonencode(statement.Principal), "events.amazonaws.com")] == [false]
    error_message = "the topic lets EventBridge in without a condition"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_key.alarms.policy).Statement : statement.Condition.StringEquals if strcontains(jsonencode(statement.Principal), "cloudwatch.amazonaws.com")] == [{ "aws:SourceAccount" = "123456789012" }]
    error_message = "alarms come from this account"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.maintenance_missing.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.maintenance_missing.period * aws_cloudwatch_metric_alarm.maintenance_missing.evaluation_periods == 3600 && aws_cloudwatch_metric_alarm.maintenance_missing.dimensions.FunctionName == "m"
    error_message = "silence of the maintenance function for an hour is an alarm"
  }

  assert {
    condition     = contains(output.alarm_names, aws_cloudwatch_metric_alarm.maintenance_missing.alarm_name)
    error_message = "every alarm is among those that are looked after"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.plain["secrets_overdue"].threshold == 3600 && aws_cloudwatch_metric_alarm.plain["secrets_overdue"].dimensions.function == "maintain"
    error_message = "a secret that stands for an hour after its time is an alarm"
  }

  assert {
    condition     = length(aws_backup_plan.this) == 0
    error_message = "no backups unless asked for"
  }

  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.page.alarm_rule, "ALARM(\"tokenvault-canary-revealed\")") && contains(aws_cloudwatch_composite_alarm.page.alarm_actions, "arn:aws:ssm-incidents::123456789012:response-plan/vault")
    error_message = "somebody gets up for a canary"
  }
}

run "with_all_of_it" {
  command = apply
  module {
    source = "./modules/observability"
  }
  variables {
    web_acl_name    = "tokenvault"
    access_analyzer = true
    backup          = { keep_days = 90, schedule = "cron(0 3 * * ? *)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.plain["waf_blocks"].dimensions.WebACL == "tokenvault"
    error_message = "the WAF's blocks are watched"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.finding)) == toset(["keys", "access"])
    error_message = "findings are told"
  }

  assert {
    condition     = toset([for arn in aws_backup_selection.this[0].resources : reverse(split("-", arn))[0]]) == toset(["vault", "keys", "policy", "audit"])
    error_message = "a person's secrets are never copied"
  }

  assert {
    condition     = one(one(aws_backup_plan.this[0].rule).lifecycle).delete_after == 90
    error_message = "copies go when they were said to"
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.backup[0].assume_role_policy).Statement).Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "AWS Backup takes the role on for this account alone"
  }

  assert {
    condition     = aws_backup_vault.this[0].force_destroy == false
    error_message = "a destroy deletes no backup unless deletion protection is off"
  }
}

run "a_stack_without_protection_can_be_destroyed" {
  command = plan
  module {
    source = "./modules/observability"
  }
  variables {
    backup        = { keep_days = 35, schedule = "cron(0 3 * * ? *)" }
    force_destroy = true
  }

  assert {
    condition     = aws_backup_vault.this[0].force_destroy
    error_message = "AWS deletes no vault that holds a recovery point"
  }
}

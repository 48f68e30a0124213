output "topic_arn" {
  description = "ARN of the topic that is told of alarms, findings and failed calls."
  value       = aws_sns_topic.alarms.arn

  # Lambda takes it as a destination only once the function's role may publish to it.
  # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
  depends_on = [aws_iam_role_policy.failures]
}

output "dashboard" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of all alarms, the one that pages last."
  value = concat(
    [for alarm in aws_cloudwatch_metric_alarm.plain : alarm.alarm_name],
    [aws_cloudwatch_metric_alarm.errors.alarm_name, aws_cloudwatch_metric_alarm.maintenance_missing.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.unusual : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.table_throttles : alarm.alarm_name],
    [aws_cloudwatch_composite_alarm.page.alarm_name],
  )
}

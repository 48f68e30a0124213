output "topic_arn" {
  description = "ARN of the topic that is told of alarms, findings and failed calls."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

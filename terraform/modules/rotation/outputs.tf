output "state_machine_arn" {
  description = "ARN of the state machine. Its input is `{\"tenant\": \"<name>\"}`, with `\"rotate\": true` for another version first."
  value       = aws_sfn_state_machine.this.arn
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = [for alarm in aws_cloudwatch_metric_alarm.failed : alarm.alarm_name]
}

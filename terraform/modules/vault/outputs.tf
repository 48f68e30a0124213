output "tables" {
  description = "Names of the tables."
  value       = { for name, table in aws_dynamodb_table.this : name => table.name }
}

output "audit_stream_arn" {
  description = "ARN of the audit table's stream of new items, for the archiver."
  value       = aws_dynamodb_table.this["audit"].stream_arn
}

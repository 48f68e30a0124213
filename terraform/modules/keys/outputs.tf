output "arns" {
  description = "ARNs of the keys in this Region: vault (KEK), index (KEK), hmac, receipts, audit, tables."
  value       = { for name, key in aws_kms_key.this : name => key.arn }
}

output "ids" {
  description = "Ids of the keys, the same in every Region."
  value       = { for name, key in aws_kms_key.this : name => key.key_id }
}

output "replica_arns" {
  description = "ARNs of the keys in the second Region; empty where there is none."
  value       = { for name, key in aws_kms_replica_key.this : name => key.arn }
}

output "administration" {
  description = "Who administers the keys, and the actions of that: for keys that are made elsewhere."
  value       = { principals = local.administrators, actions = local.administer.Action }
}

output "role_arns" {
  description = "ARNs of the roles: tokenize, reveal, maintain."
  value       = { for name, role in aws_iam_role.this : name => role.arn }

  # Lambda makes a function in a VPC only once its role has the permissions for it.
  depends_on = [module.in_vpc]
}

output "role_names" {
  description = "Names of the roles: tokenize, reveal, maintain."
  value       = { for name, role in aws_iam_role.this : name => role.name }
}

output "calls" {
  description = "Actions and resources of all the functions' calls, by service: what endpoints let through."
  value = {
    for service in ["dynamodb", "kms"] : service => {
      actions   = sort(distinct([for call in local.calls : call.action if startswith(call.action, "${service}:")]))
      resources = distinct([for call in local.calls : call.resource if startswith(call.action, "${service}:")])
    }
  }
}

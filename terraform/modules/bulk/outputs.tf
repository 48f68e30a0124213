output "bucket" {
  description = "The bucket: files and maps under in/, results under out/."
  value       = local.bucket
}

output "state_machine_arn" {
  description = "ARN of the state machine that imports a file."
  value       = aws_sfn_state_machine.bulk.arn
}

output "export_state_machine_arn" {
  description = "ARN of the state machine that exports a vault. Null without `exports`."
  value       = one([for machine in aws_sfn_state_machine.exports : machine.arn])
}

output "role_arns" {
  description = "ARNs of the roles of the module's own functions."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "take_in_function_arn" {
  description = "ARN of the function that takes batches in with the tokenizing function's role."
  value       = local.take_in_arn
}

output "calls" {
  description = "Actions and resources of the functions' calls, by service: what endpoints let through."
  value = {
    s3     = { actions = ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject"], resources = [local.bucket_arn, "${local.bucket_arn}/*"] }
    lambda = { actions = ["lambda:InvokeFunction"], resources = concat([local.take_in_arn], var.exports == null ? [] : [local.give_out_arn]) }
  }
}

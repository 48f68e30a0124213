output "bucket" {
  description = "Name of the archive's bucket."
  value       = local.bucket
}

output "archiver_role_arn" {
  description = "ARN of the role that writes the archive."
  value       = aws_iam_role.archive.arn

  # Lambda makes a function in a VPC only once its role has the permissions for it.
  depends_on = [module.in_vpc]
}

output "reader_role_arn" {
  description = "ARN of the role that reads the archive."
  value       = aws_iam_role.reader.arn
}

output "calls" {
  description = "Actions and resources of the archiving function's calls to S3: what an endpoint lets through."
  value       = { actions = ["s3:PutObject"], resources = [local.objects] }
}

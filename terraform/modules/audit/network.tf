variable "in_vpc" {
  description = "Whether the archiving function runs in a VPC."
  type        = bool
  default     = false
}

module "in_vpc" {
  source = "../in_vpc"
  count  = var.in_vpc ? 1 : 0

  role_name     = aws_iam_role.archive.name
  function_arns = ["arn:${var.partition}:lambda:${local.region}:${var.account}:function:${var.name}-archive-${local.region}"]
}

output "calls" {
  description = "Actions and resources of the archiving function's calls to S3: what an endpoint lets through."
  value       = { actions = ["s3:PutObject"], resources = [local.objects] }
}

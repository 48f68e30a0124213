module "in_vpc" {
  source = "../in_vpc"
  count  = var.in_vpc ? 1 : 0

  role_name     = aws_iam_role.archive.name
  function_arns = ["arn:${var.partition}:lambda:${local.region}:${var.account}:function:${var.name}-archive-${local.region}"]
}

# The roles, and what each may do.

# The roles stand before the keys whose policies name them, and their permissions after.
resource "aws_iam_role" "this" {
  for_each = toset(["tokenize", "reveal", "maintain"])

  name = join("-", compact([var.name, each.key, var.role_region]))

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  # checkov:skip=CKV_AWS_290: X-Ray's write actions name no resource, nor do network interfaces before they are made.
  for_each = local.statements

  name = "calls"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(each.value, [for statement in local.besides : statement if each.key == "reveal"], [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for region in var.regions : "arn:${var.partition}:logs:${region}:${var.account}:log-group:/aws/lambda/${var.name}-${each.key}-${region}:*"]
      },
      local.trace,
    ])
  })
}

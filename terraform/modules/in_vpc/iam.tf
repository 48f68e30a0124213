# Allowed to Lambda, denied to the code that runs in the function.

resource "aws_iam_role_policy" "this" {
  name = "network"
  role = var.role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LambdaManagesNetworkInterfaces"
        Effect   = "Allow"
        Action   = local.actions
        Resource = "*" # interfaces have no names before they are made, and EC2's Describe actions take no resource
      },
      {
        Sid       = "TheFunctionsCodeDoesNot"
        Effect    = "Deny"
        Action    = local.actions
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = var.function_arns } }
      },
    ]
  })
}

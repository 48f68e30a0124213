# Two roles. Pull requests and the branch that is deployed only plan; what runs in the protected environment applies.
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

resource "aws_iam_openid_connect_provider" "github" {
  count = var.make_oidc_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "pipeline" {
  # checkov:skip=CKV_AWS_393: Each subject is written out in subjects.tf, whole and without a wildcard; checkov does not follow for_each there.
  for_each = local.subjects

  name                 = "${var.name}-pipeline-${each.key}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      Condition = { StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com", "${local.issuer}:sub" = each.value } }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = var.apply_policy_arns

  role       = aws_iam_role.pipeline["apply"].name
  policy_arn = each.value
}

# A plan reads what is there, and the state. What lies in tables and buckets is none of its business.
resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.pipeline["plan"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "plan" {
  name = "state-only"
  role = aws_iam_role.pipeline["plan"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "ReadsTheStatesKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.state.arn },
      {
        Sid         = "ReadsNoObjectButTheState"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = "${local.arn}/*"
      },
      {
        Sid         = "ReadsNoItemButThePolicy"
        Effect      = "Deny"
        Action      = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan"]
        NotResource = "arn:${local.partition}:dynamodb:*:${local.account}:table/${var.name}-policy"
      },
      {
        Sid         = "DecryptsNothingElse"
        Effect      = "Deny"
        Action      = ["kms:Decrypt"]
        NotResource = aws_kms_key.state.arn
        # Reading the policy's item has DynamoDB decrypt in the name of the reader.
        Condition = { StringNotLike = { "kms:ViaService" = "dynamodb.*.amazonaws.com" } }
      },
    ]
  })
}

output "role_arns" {
  description = "ARNs of the pipeline's roles, for the variables of the GitHub repository: plan, apply."
  value       = { for name, role in aws_iam_role.pipeline : name => role.arn }
}

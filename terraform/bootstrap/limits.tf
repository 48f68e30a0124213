# What the pipeline's roles do with the state and with plans, and what they never do, whatever else they are given.

locals {
  state_object = "${local.arn}/${var.name}.tfstate"
  policy_table = "arn:${local.partition}:dynamodb:*:${local.account}:table/${var.name}-policy"
  truststores  = "arn:${local.partition}:s3:::${var.name}-truststore-*/*"

  # S3 asks KMS with the ARN of the object or, with a bucket key, of the bucket:
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
  through_s3 = {
    StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
    StringLike   = { "kms:EncryptionContext:aws:s3:arn" = [local.arn, "${local.arn}/*"] }
  }
  a_plan = { StringEquals = { "kms:EncryptionContext:purpose" = "terraform-plan" } }

  # A plan reads what is there, and the state. What lies in tables and buckets is none of its business.
  plan_statements = [
    { Sid = "FindsTheState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = local.arn },
    { Sid = "ReadsTheState", Effect = "Allow", Action = ["s3:GetObject"], Resource = local.state_object },
    { Sid = "DecryptsTheState", Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.state.arn, Condition = local.through_s3 },
    { Sid = "SealsPlansItCannotOpen", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = aws_kms_key.state.arn, Condition = local.a_plan },
    {
      Sid         = "ReadsNoObjectButTheStateAndCertificates"
      Effect      = "Deny"
      Action      = ["s3:GetObject", "s3:GetObjectVersion"]
      NotResource = [local.state_object, local.truststores]
    },
    {
      Sid         = "ReadsNoItemButThePolicy"
      Effect      = "Deny"
      Action      = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan"]
      NotResource = local.policy_table
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

  # S3 locks the state with an object beside it: https://developer.hashicorp.com/terraform/language/backend/s3
  apply_statements = [
    { Sid = "FindsTheState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = local.arn },
    { Sid = "WritesTheState", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = [local.state_object, "${local.state_object}.tflock"] },
    { Sid = "TakesItsLockAway", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = "${local.state_object}.tflock" },
    { Sid = "EncryptsTheState", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.state.arn, Condition = local.through_s3 },
    { Sid = "OpensPlans", Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.state.arn, Condition = local.a_plan },
    {
      Sid    = "ChangesNoRoleOrPolicyOfThePipeline"
      Effect = "Deny"
      # The writes of IAM; what only looks stays.
      NotAction = ["iam:Get*", "iam:List*", "sts:*"]
      Resource = [
        "arn:${local.partition}:iam::${local.account}:role/${var.name}-pipeline-*",
        "arn:${local.partition}:iam::${local.account}:role/${var.name}-account-*",
        "arn:${local.partition}:iam::${local.account}:policy/${var.name}-pipeline-*",
      ]
    },
    {
      Sid       = "LeavesTheStatesBucketAsItIs"
      Effect    = "Deny"
      NotAction = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
      Resource  = [local.arn, "${local.arn}/*"]
    },
  ]
}

resource "aws_iam_role_policy" "plan" {
  name   = "limits"
  role   = aws_iam_role.pipeline["plan"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.plan_statements })
}

resource "aws_iam_role_policy" "apply" {
  name   = "limits"
  role   = aws_iam_role.pipeline["apply"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.apply_statements })
}

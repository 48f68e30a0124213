# The two roles of the archive: one writes, one reads.

resource "aws_iam_role" "archive" {
  name = "${var.name}-archive-${local.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "archive" {
  name = "calls"
  role = aws_iam_role.archive.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # What the function does, and Lambda in its name when a batch failed for good.
      { Effect = "Allow", Action = ["s3:PutObject"], Resource = local.objects },
      { Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = aws_kms_key.archive.arn, Condition = local.through_s3 },
      # What Lambda does in its name: it looks whether there is a bucket for what failed, and reads the stream.
      # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
      # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
      { Effect = "Allow", Action = ["s3:ListBucket"], Resource = local.arn },
      { Effect = "Allow", Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"], Resource = var.stream_arn },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.stream_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${local.region}.amazonaws.com" } }
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${var.partition}:logs:${local.region}:${var.account}:log-group:/aws/lambda/${var.name}-archive-${local.region}:*"
      },
      # X-Ray's write actions name no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
      { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = "*" },
    ]
  })
}

resource "aws_iam_role" "reader" {
  name        = "${var.name}-audit-reader-${local.region}"
  description = "Reads the archive of the audit trail, and does nothing else."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = length(var.reader_arns) > 0 ? var.reader_arns : [local.root] }
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  name = "calls"
  role = aws_iam_role.reader.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"], Resource = local.objects },
      { Effect = "Allow", Action = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketObjectLockConfiguration"], Resource = local.arn },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.archive.arn, Condition = local.through_s3 },
    ]
  })
}

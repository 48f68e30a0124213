# The bucket: files with values under in/, which go by themselves, and what became of them under out/. What exports have
# under way lies under under-way/, sealed, and goes a day after nobody may go on with it.

resource "aws_s3_bucket" "bulk" {
  # checkov:skip=CKV_AWS_18: Who reads and writes is in CloudTrail's data events (docs/operations.md).
  # checkov:skip=CKV_AWS_144: Inputs are copies that shall go, and outputs can be made again.
  # checkov:skip=CKV2_AWS_62: Nobody waits for objects: the state machine says when an import is done.
  bucket        = local.bucket
  force_destroy = var.force_destroy
}

# An import reads the version that was there when it began.
resource "aws_s3_bucket_versioning" "bulk" {
  bucket = aws_s3_bucket.bulk.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bulk" {
  bucket = aws_s3_bucket.bulk.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.bulk.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "bulk" {
  bucket                  = aws_s3_bucket.bulk.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "bulk" {
  bucket = aws_s3_bucket.bulk.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "bulk" {
  bucket = aws_s3_bucket.bulk.id

  rule {
    id     = "inputs-go"
    status = "Enabled"

    filter {
      prefix = local.input_prefix
    }

    expiration {
      days = var.keep_input_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # Also once nobody exports any more: the last export has left some.
  rule {
    id     = "what-was-under-way-goes"
    status = "Enabled"

    filter {
      prefix = local.under_way_prefix
    }

    expiration {
      days = 8
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "nothing-half-done-stays"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.keep_input_days # terabytes take more than a day on many lines
    }
  }

  depends_on = [aws_s3_bucket_versioning.bulk]
}

# Denials only: whatever an IAM policy of the account grants by mistake, these stand against it.
resource "aws_s3_bucket_policy" "bulk" {
  bucket = aws_s3_bucket.bulk.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NothingWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "NoOldTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
      {
        Sid       = "NobodyOfAnotherAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account }, Bool = { "aws:PrincipalIsAWSService" = "false" } }
      },
      {
        # Who puts a file with values here need not be able to read one.
        Sid       = "NobodyReadsInputsButTheFunctions"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource  = "${local.bucket_arn}/${local.input_prefix}*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = [for name, role in aws_iam_role.this : role.arn if name != "carry"] } }
      },
      {
        Sid       = "NobodyWritesResultsButTheModule"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject"]
        Resource  = [for prefix in [local.output_prefix, local.under_way_prefix] : "${local.bucket_arn}/${prefix}*"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = concat([for role in aws_iam_role.this : role.arn], [aws_iam_role.machine.arn]) } }
      },
      {
        Sid       = "NothingUnderAnotherKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/*"
        Condition = {
          StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.bulk.arn }
          Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" } # who names neither a key nor an encryption gets ours
        }
      },
      {
        # AES256, and aws:kms without a key, which is then S3's own for the account:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
        Sid       = "NothingUnderAKeyOfS3s"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.bucket_arn}/*"
        Condition = {
          Null = { "s3:x-amz-server-side-encryption" = "false", "s3:x-amz-server-side-encryption-aws-kms-key-id" = "true" }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.bulk]
}

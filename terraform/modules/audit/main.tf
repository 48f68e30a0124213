# The archive of the audit trail in this Region: what the table's stream tells, in a bucket whose objects
# nobody changes or removes. One role writes, one reads, and neither does the other.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  region  = data.aws_region.current.name
  bucket  = "${var.name}-audit-archive-${var.account}-${local.region}"
  root    = "arn:${var.partition}:iam::${var.account}:root"
  arn     = "arn:${var.partition}:s3:::${local.bucket}"
  objects = "${local.arn}/*"

  # S3 asks KMS with the bucket's ARN as context, since a bucket key serves many objects:
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
  through_s3 = {
    StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn" = local.arn }
  }
}

resource "aws_s3_bucket" "archive" {
  # checkov:skip=CKV_AWS_18: Access logs would need a bucket of their own that is worth less than this one; who reads is in CloudTrail's data events (docs/operations.md).
  # checkov:skip=CKV_AWS_144: S3 keeps each object in three zones, and nobody can remove it from there; each Region archives its own trail.
  # checkov:skip=CKV2_AWS_62: Nobody waits for objects; the archiver's own alarms say when none come.
  # checkov:skip=CKV2_AWS_61: Objects are kept until somebody decides otherwise (expire_after_days); a lock is no reason to pay for another class of storage.
  bucket              = local.bucket
  object_lock_enabled = true
  force_destroy       = var.force_destroy
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    default_retention {
      mode = var.mode
      days = var.retention_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.archive]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.archive.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  count  = var.expire_after_days == null ? 0 : 1
  bucket = aws_s3_bucket.archive.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.expire_after_days
    }

    # An expired object of a versioned bucket is only hidden; this takes it out, once its lock is over.
    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.archive]
}

# Denials only: whatever an IAM policy of the account grants by mistake, these stand against it.
resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NothingWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, local.objects]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "NoOldTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, local.objects]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
      {
        Sid       = "NobodyWritesButTheArchiver"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject"]
        Resource  = local.objects
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.archive.arn } }
      },
      {
        Sid       = "NobodyReadsButTheReader"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"]
        Resource  = local.objects
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.reader.arn } }
      },
      {
        # Lifecycle rules are S3's own and not bound by this.
        Sid       = "NobodyRemovesOrUnlocks"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectLegalHold", "s3:PutObjectRetention"]
        Resource  = local.objects
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.archive]
}

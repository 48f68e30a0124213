# State holds client secrets: a reader of it can act as a client.

resource "aws_kms_key" "state" {
  description             = "${var.name}: encrypts Terraform's state."
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # In a key policy, Resource "*" means this key.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountAdministersByItsIamPolicies"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*" # Made before any role that could be named here.
        Resource  = "*"
      },
      # An applying role may tag keys, and change those that have its stack's tag. So each state key refuses the
      # pipelines of all stacks and Regions by itself.
      {
        Sid       = "NoPipelineChangesAStatesKey"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        NotAction = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { ArnLike = { "aws:PrincipalArn" = [
          for role in keys(local.subjects) : "arn:${local.partition}:iam::${local.account}:role/*-pipeline-${role}*"
        ] } }
      },
    ]
  })
}

resource "aws_s3_bucket" "state" {
  # checkov:skip=CKV_AWS_18: Who reads the state is in CloudTrail's data events; access logs would need a bucket of their own.
  # checkov:skip=CKV_AWS_144: The state can be made again by import; it is versioned.
  # checkov:skip=CKV2_AWS_61: Old versions are what a broken state is mended from.
  # checkov:skip=CKV2_AWS_62: Nobody waits for changes of the state.
  bucket = local.bucket
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.state.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NothingWithoutTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arn, "${local.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}

output "backend" {
  description = "What belongs into `backend.tf` beside the stack's `versions.tf`. S3 locks the state by itself."
  value       = <<-EOT
    terraform {
      backend "s3" {
        bucket       = "${local.bucket}"
        key          = "${var.name}.tfstate"
        region       = "${var.region}"
        kms_key_id   = "${aws_kms_key.state.arn}"
        encrypt      = true
        use_lockfile = true
      }
    }
  EOT
}

output "state_key_arn" {
  description = "ARN of the key that encrypts the state, and plans on their way from one job to the next."
  value       = aws_kms_key.state.arn
}

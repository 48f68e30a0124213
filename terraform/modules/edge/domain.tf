# A domain where both sides show a certificate. Mutual TLS is for REGIONAL domains; the API's own address, which
# knows none of it, is switched off where this is used.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html

locals {
  mutual_tls = var.domain == null ? 0 : 1
}

resource "aws_s3_bucket" "truststore" {
  # checkov:skip=CKV_AWS_18: What lies here are public certificates, which API Gateway alone reads.
  # checkov:skip=CKV_AWS_144: Terraform writes the one object, and can write it again.
  # checkov:skip=CKV_AWS_145: Public certificates: S3's own key does, and API Gateway needs no permission for it.
  # checkov:skip=CKV2_AWS_61: One small object; its old versions are the way back.
  # checkov:skip=CKV2_AWS_62: Nobody waits for changes of it; the domain names the version.
  count = local.mutual_tls

  bucket        = "${var.name}-truststore-${var.account}-${local.region}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "truststore" {
  count = local.mutual_tls

  bucket = aws_s3_bucket.truststore[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

# Public certificates: S3's own key does, and API Gateway needs no permission for it.
resource "aws_s3_bucket_server_side_encryption_configuration" "truststore" {
  count = local.mutual_tls

  bucket = aws_s3_bucket.truststore[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "truststore" {
  count = local.mutual_tls

  bucket                  = aws_s3_bucket.truststore[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "truststore" {
  count = local.mutual_tls

  bucket = aws_s3_bucket.truststore[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*" # denied, all of it
      Resource  = [aws_s3_bucket.truststore[0].arn, "${aws_s3_bucket.truststore[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.truststore]
}

resource "aws_s3_object" "truststore" {
  count = local.mutual_tls

  bucket       = aws_s3_bucket.truststore[0].id
  key          = "client-authorities.pem"
  content      = var.domain.client_authorities
  content_type = "application/x-pem-file"

  depends_on = [aws_s3_bucket_versioning.truststore, aws_s3_bucket_server_side_encryption_configuration.truststore]
}

resource "aws_api_gateway_domain_name" "this" {
  count = local.mutual_tls

  domain_name                            = var.domain.name
  regional_certificate_arn               = var.domain.certificate_arn
  ownership_verification_certificate_arn = var.domain.ownership_verification_certificate_arn
  security_policy                        = "TLS_1_2" # no enhanced policy goes with mutual TLS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  mutual_tls_authentication {
    truststore_uri     = "s3://${aws_s3_object.truststore[0].bucket}/${aws_s3_object.truststore[0].key}"
    truststore_version = aws_s3_object.truststore[0].version_id
  }
}

resource "aws_api_gateway_base_path_mapping" "this" {
  count = local.mutual_tls

  domain_name = aws_api_gateway_domain_name.this[0].domain_name
  api_id      = var.api.id
  stage_name  = var.api.stage
}

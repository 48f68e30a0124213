# The archive by itself. Offline: no account, no emulator.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name                 = "tokenvault"
  partition            = "aws"
  account              = "123456789012"
  stream_arn           = "arn:aws:dynamodb:us-east-1:123456789012:table/tokenvault-audit/stream/2026-01-01T00:00:00.000"
  stream_key_arn       = "arn:aws:kms:us-east-1:123456789012:key/mrk-00000000000000000000000000000000"
  archiver_alias_arn   = "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-archive-us-east-1:live"
  retention_days       = 400
  mode                 = "COMPLIANCE"
  deletion_window_days = 30
  force_destroy        = false
}

run "what_is_written_stays" {
  command = apply
  module {
    source = "./modules/audit"
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.archive.rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.archive.rule[0].default_retention[0].days == 400
    error_message = "objects are locked as long and as hard as was asked"
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.archive) == 0
    error_message = "objects go by themselves only where somebody asked for it"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.archive.policy).Statement : statement.Effect == "Deny"])
    error_message = "the bucket's policy grants nothing"
  }

  assert {
    condition     = jsondecode(aws_iam_role.reader.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:root"]
    error_message = "without readers, the account's IAM policies say who assumes the role"
  }
}

run "objects_expire_where_asked" {
  command = apply
  module {
    source = "./modules/audit"
  }
  variables {
    expire_after_days = 800
    reader_arns       = ["arn:aws:iam::123456789012:role/auditor"]
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.archive[0].rule[0].expiration[0].days == 800
    error_message = "objects go after the days asked for"
  }

  assert {
    condition     = jsondecode(aws_iam_role.reader.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:role/auditor"]
    error_message = "named readers, and nobody else"
  }
}

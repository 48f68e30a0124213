# Imports and exports of any size over S3, by Step Functions (ADR 20): the module's functions, and the way between them.
#
# `files` looks at whole files, `part` takes parts in; both read what others made, and hold no key of the vault. `take_in`
# has the tokenizing function's role and package, and reads no file. It acts for one client. Exports are in exports.tf.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  region           = data.aws_region.current.name
  input_prefix     = "in/"
  output_prefix    = "out/"
  exports_prefix   = "${local.output_prefix}exports/"
  runs_prefix      = "${local.output_prefix}runs"
  under_way_prefix = "under-way/"

  bucket     = "${var.name}-bulk-${var.account}-${local.region}"
  bucket_arn = "arn:${var.partition}:s3:::${local.bucket}"
  root       = "arn:${var.partition}:iam::${var.account}:root"

  functions = { for name in concat(["files", "part"], var.exports == null ? [] : ["carry"]) : name => "${var.name}-bulk-${name}-${local.region}" }
  take_in   = "${var.name}-bulk-take-in-${local.region}"

  function_arns = { for name, function in local.functions : name => "arn:${var.partition}:lambda:${local.region}:${var.account}:function:${function}" }
  take_in_arn   = "arn:${var.partition}:lambda:${local.region}:${var.account}:function:${local.take_in}"
  machine_name  = "${var.name}-bulk-${local.region}"
  machine_arn   = "arn:${var.partition}:states:${local.region}:${var.account}:stateMachine:${local.machine_name}"

  log_groups = merge(
    { for name, function in local.functions : name => "/aws/lambda/${function}" },
    { machine = "/aws/vendedlogs/states/${local.machine_name}" }, # a prefix that keeps Step Functions' log policies short
    var.exports == null ? {} : { export_machine = "/aws/vendedlogs/states/${local.export_machine_name}" },
  )

  # What each of the functions is called with, and what it does.
  about = {
    files = { handler = "bulklib.functions.files", description = "Lays out files to import, scans segments of them, writes manifests." }
    part  = { handler = "bulklib.functions.part", description = "Takes parts of files in." }
    carry = { handler = "bulklib.export_functions.carry", description = "Carries exports to S3, sealed." }
  }
  own_environment = {
    files = { TOKENVAULT_BULK_CLIENT = var.client }
    part = {
      TOKENVAULT_BULK_CLIENT   = var.client
      TOKENVAULT_BULK_FUNCTION = local.take_in_arn
      TOKENVAULT_BULK_PARALLEL = tostring(var.requests_per_part)
    }
    carry = {
      TOKENVAULT_BULK_FUNCTION         = local.give_out_arn
      TOKENVAULT_BULK_UNDER_WAY_PREFIX = local.under_way_prefix
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.bulk.arn
}

# pyarrow decodes files of others: it is beside the functions that hold no key, and beside no other.
resource "aws_lambda_layer_version" "parquet" {
  for_each = { for layer in var.parquet_layer[*] : "parquet" => layer }

  layer_name               = "${var.name}-bulk-parquet-${local.region}"
  description              = "pyarrow, as far as it takes to import Parquet."
  filename                 = each.value
  source_code_hash         = filebase64sha256(each.value)
  compatible_runtimes      = [var.vault_package.runtime]
  compatible_architectures = var.vault_package.architectures
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116: Step Functions waits for the answer: there is nothing to put aside.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  # checkov:skip=CKV_AWS_115: The state machine says how many parts are under way.
  for_each = local.functions

  function_name    = each.value
  description      = local.about[each.key].description
  role             = aws_iam_role.this[each.key].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = local.about[each.key].handler
  runtime          = var.vault_package.runtime
  architectures    = var.vault_package.architectures
  layers           = each.key == "carry" ? [] : concat(compact([var.parquet_layer_arn]), [for layer in aws_lambda_layer_version.parquet : layer.arn])
  memory_size      = var.memory_mb
  timeout          = 900
  publish          = true

  ephemeral_storage {
    size = 1024 # a part of the input, at most a segment and a row, and what becomes of it
  }

  environment {
    variables = merge({
      TOKENVAULT_BULK_BUCKET        = local.bucket
      TOKENVAULT_BULK_ACCOUNT       = var.account
      TOKENVAULT_BULK_KMS_KEY_ARN   = aws_kms_key.bulk.arn
      TOKENVAULT_BULK_INPUT_PREFIX  = local.input_prefix
      TOKENVAULT_BULK_OUTPUT_PREFIX = local.output_prefix
    }, local.own_environment[each.key])
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this[each.key].name
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  depends_on = [aws_iam_role_policy.this, module.in_vpc]
}

resource "aws_lambda_function" "take_in" {
  # checkov:skip=CKV_AWS_116: The function `part` waits for the answer: there is nothing to put aside.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  # checkov:skip=CKV_AWS_115: Reserved where the stack's owner says how many (reserved_concurrency).
  function_name    = local.take_in
  description      = "Takes batches of imports in, as the client ${var.client}."
  role             = var.tokenize.role_arn
  filename         = var.vault_package.filename
  source_code_hash = filebase64sha256(var.vault_package.filename)
  handler          = "chalicelib.bulk.take_in"
  runtime          = var.vault_package.runtime
  architectures    = var.vault_package.architectures
  memory_size      = var.tokenize.memory_mb
  timeout          = 30

  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = merge(var.tokenize.environment, { TOKENVAULT_BULK_CLIENT = var.client })
  }

  # The role writes to the tokenizing function's log and to no other.
  logging_config {
    log_format = "Text"
    log_group  = var.tokenize.log_group
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

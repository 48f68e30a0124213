# Imports over S3 by themselves. Offline: no account, no emulator. The first run is the example of the module's README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mocked" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { qualified_arn = "arn:aws:lambda:us-east-1:123456789012:function:mocked:7" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:us-east-1:123456789012:stateMachine:tokenvault-bulk-us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

variables {
  name          = "tokenvault"
  partition     = "aws"
  account       = "123456789012"
  client        = "shop/loader"
  package       = "modules/bulk/bulk.zip"
  vault_package = { filename = "modules/regional/deployment.zip", runtime = "python3.13", architectures = ["arm64"] }

  tokenize = {
    role_arn    = "arn:aws:iam::123456789012:role/tokenvault-tokenize"
    memory_mb   = 1769
    environment = { TOKENVAULT_FUNCTION = "tokenize" }
    log_group   = "/aws/lambda/tokenvault-tokenize-us-east-1"
  }

  key_administration       = { principals = ["arn:aws:iam::123456789012:root"], actions = ["kms:DescribeKey", "kms:PutKeyPolicy"] }
  key_deletion_window_days = 30
  log_retention_days       = 400
  alarms_topic_arn         = "arn:aws:sns:us-east-1:123456789012:tokenvault-alarms"
  force_destroy            = false
}

run "readme_example" {
  command = apply
  module {
    source = "./modules/bulk"
  }

  assert {
    condition     = aws_lambda_function.take_in.role == "arn:aws:iam::123456789012:role/tokenvault-tokenize" && aws_lambda_function.take_in.environment[0].variables == tomap({ TOKENVAULT_FUNCTION = "tokenize", TOKENVAULT_BULK_CLIENT = "shop/loader" })
    error_message = "what touches the vault has the tokenizing function's role and environment, and one client"
  }

  assert {
    condition     = aws_lambda_function.take_in.handler == "chalicelib.bulk.take_in" && aws_lambda_function.take_in.logging_config[0].log_group == "/aws/lambda/tokenvault-tokenize-us-east-1"
    error_message = "it runs the service's package, and logs where its role may"
  }

  assert {
    condition     = aws_sfn_state_machine.bulk.logging_configuration[0].include_execution_data == false && jsondecode(aws_sfn_state_machine.bulk.definition).StartAt == "LayOut"
    error_message = "the log of the machine holds no data of executions"
  }

  assert {
    condition     = alltrue([for key, state in jsondecode(aws_sfn_state_machine.bulk.definition).States : state.ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED" if state.Type == "Map"]) && jsondecode(aws_sfn_state_machine.bulk.definition).States.TakeIn.MaxConcurrency == 10
    error_message = "both maps are distributed, and as wide as was asked"
  }
}

run "each_role_does_its_work_and_nothing_else" {
  command = apply
  module {
    source = "./modules/bulk"
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this["files"].policy).Statement : statement.Action])) == toset([
      "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket", "kms:Decrypt", "kms:GenerateDataKey",
      "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    ])
    error_message = "what looks at whole files reads and writes the bucket, and reaches neither the vault nor a function"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["part"].policy).Statement : statement.Resource if contains(statement.Action, "lambda:InvokeFunction")] == [["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-take-in-us-east-1"]]
    error_message = "what takes parts in may invoke one function"
  }

  assert {
    condition     = alltrue([for policy in values(aws_iam_role_policy.this) : length([for statement in jsondecode(policy.policy).Statement : true if length([for action in statement.Action : true if startswith(action, "dynamodb:")]) > 0]) == 0])
    error_message = "neither knows a table"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["part"].policy).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/*"]]
    error_message = "results are written under out/ and nowhere else"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.this["part"].policy).Statement : statement.Condition.StringEquals["aws:ResourceAccount"] == "123456789012" if startswith(statement.Action[0], "s3:")])
    error_message = "a bucket of that name in another account gets nothing"
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : true if contains(statement.Action, "s3:GetObjectVersion")]) == 0 && [for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : statement.Resource if contains(statement.Action, "s3:GetObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/*"]]
    error_message = "the machine reads its lists under out/, and no input"
  }
}

run "the_bucket_keeps_what_it_holds" {
  command = apply
  module {
    source = "./modules/bulk"
  }

  assert {
    condition     = aws_s3_bucket_versioning.bulk.versioning_configuration[0].status == "Enabled" && alltrue([aws_s3_bucket_public_access_block.bulk.block_public_acls, aws_s3_bucket_public_access_block.bulk.block_public_policy, aws_s3_bucket_public_access_block.bulk.ignore_public_acls, aws_s3_bucket_public_access_block.bulk.restrict_public_buckets])
    error_message = "inputs are pinned by their versions, and nothing is public"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.bulk.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.bulk.arn
    error_message = "what names no key is encrypted with the module's"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Effect == "Deny"])
    error_message = "the bucket's policy grants nothing"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Resource if statement.Sid == "NobodyReadsInputsButTheFunctions"]) == "arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/in/*"
    error_message = "who puts a file there cannot read one"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.bulk.rule[0].expiration[0].days == 7 && aws_s3_bucket_lifecycle_configuration.bulk.rule[0].filter[0].prefix == "in/"
    error_message = "files with values go by themselves"
  }
}

run "in_a_vpc" {
  command = apply
  module {
    source = "./modules/bulk"
  }
  variables {
    vpc               = { subnet_ids = ["subnet-00000001", "subnet-00000002"], security_group_ids = ["sg-00000000"] }
    parquet_layer_arn = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313-Arm64:3"
  }

  assert {
    condition     = alltrue([for function in concat(values(aws_lambda_function.this), [aws_lambda_function.take_in]) : function.vpc_config[0].subnet_ids == toset(["subnet-00000001", "subnet-00000002"])])
    error_message = "all functions run in it"
  }

  assert {
    condition     = keys(module.in_vpc) == ["files", "part"] && alltrue([for function in values(aws_lambda_function.this) : length(function.layers) == 1])
    error_message = "their code is denied what Lambda needs for that; the layer is theirs"
  }

  assert {
    condition     = aws_lambda_function.take_in.layers == null
    error_message = "what touches the vault has no code of others beside it"
  }
}

run "refuses_what_is_none" {
  command = plan
  module {
    source = "./modules/bulk"
  }
  variables {
    client               = "loader"
    parquet_layer_arn    = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313-Arm64"
    memory_mb            = 512
    parallel_parts       = 0
    parallel_segments    = 1.5
    requests_per_part    = 65
    reserved_concurrency = 0
    keep_input_days      = 0
  }

  expect_failures = [
    var.client, var.parquet_layer_arn, var.memory_mb, var.parallel_parts, var.parallel_segments, var.requests_per_part,
    var.reserved_concurrency, var.keep_input_days,
  ]
}

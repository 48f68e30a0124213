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
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:layer:tokenvault-bulk-parquet-us-east-1:1" }
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
    condition     = alltrue([for name in ["files", "part"] : aws_lambda_function.this[name].environment[0].variables["TOKENVAULT_BULK_CLIENT"] == "shop/loader"])
    error_message = "results of one client are in no other one's place"
  }

  assert {
    condition     = aws_sfn_state_machine.bulk.logging_configuration[0].include_execution_data == false && jsondecode(aws_sfn_state_machine.bulk.definition).StartAt == "LayOut"
    error_message = "the log of the machine holds no data of executions"
  }

  assert {
    condition     = alltrue([for key, state in jsondecode(aws_sfn_state_machine.bulk.definition).States : state.ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED" if state.Type == "Map"]) && jsondecode(aws_sfn_state_machine.bulk.definition).States.TakeIn.MaxConcurrency == 10
    error_message = "both maps are distributed, and as wide as was asked"
  }

  assert {
    condition     = length(setsubtract(["Lambda.ClientExecutionTimeoutException", "Lambda.ResourceNotReadyException", "Lambda.CodeArtifactUserPendingException"], jsondecode(aws_sfn_state_machine.bulk.definition).States.LayOut.Retry[0].ErrorEquals)) == 0
    error_message = "a function that was idle for weeks is asked again until it is ready"
  }
}

run "exports_are_left_out_unless_they_are_asked_for" {
  command = apply
  module {
    source = "./modules/bulk"
  }

  assert {
    condition     = keys(aws_lambda_function.this) == ["files", "part"] && length(aws_lambda_function.give_out) == 0 && length(aws_sfn_state_machine.exports) == 0 && length(aws_iam_role.export_machine) == 0 && length(aws_cloudwatch_metric_alarm.export_failed) == 0 && output.export_state_machine_arn == null
    error_message = "nothing that exports is there"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.bulk.rule : rule.expiration[0].days if rule.id == "what-was-under-way-goes"]) == 8
    error_message = "what an export has left goes also once nobody exports any more"
  }
}

run "exports" {
  command = apply
  module {
    source = "./modules/bulk"
  }
  variables {
    exports = {
      client         = "shop/mover"
      parallel_parts = 4
      reveal = {
        role_arn    = "arn:aws:iam::123456789012:role/tokenvault-reveal"
        memory_mb   = 1769
        environment = { TOKENVAULT_FUNCTION = "reveal" }
        log_group   = "/aws/lambda/tokenvault-reveal-us-east-1"
      }
    }
  }

  assert {
    condition     = aws_lambda_function.give_out["exports"].role == "arn:aws:iam::123456789012:role/tokenvault-reveal" && aws_lambda_function.give_out["exports"].environment[0].variables == tomap({ TOKENVAULT_FUNCTION = "reveal", TOKENVAULT_BULK_EXPORT_CLIENT = "shop/mover" })
    error_message = "what gives pages out has the revealing function's role and environment, one client, and no bucket"
  }

  assert {
    condition     = aws_lambda_function.give_out["exports"].handler == "chalicelib.bulk.give_out" && aws_lambda_function.give_out["exports"].logging_config[0].log_group == "/aws/lambda/tokenvault-reveal-us-east-1"
    error_message = "it runs the service's package, and logs where its role may"
  }

  assert {
    condition     = aws_lambda_function.this["carry"].handler == "bulklib.export_functions.carry" && aws_lambda_function.this["carry"].environment[0].variables["TOKENVAULT_BULK_FUNCTION"] == "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-give-out-us-east-1" && !contains(keys(aws_lambda_function.this["carry"].environment[0].variables), "TOKENVAULT_FUNCTION")
    error_message = "what carries has nothing of the vault's environment, and one function to ask"
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.exports["exports"].definition).States.Carry.MaxConcurrency == 4 && jsondecode(aws_sfn_state_machine.exports["exports"].definition).States.Carry.ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED" && aws_sfn_state_machine.exports["exports"].logging_configuration[0].include_execution_data == false
    error_message = "each part has a history of its own, as many at once as was asked, and no data in the log"
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this["carry"].policy).Statement : statement.Action])) == toset([
      "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket", "kms:Decrypt", "kms:GenerateDataKey", "lambda:InvokeFunction",
      "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    ])
    error_message = "what carries reaches the bucket and a function, and neither a table nor a key of the vault"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["carry"].policy).Statement : statement.Resource if contains(statement.Action, "lambda:InvokeFunction")] == [["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-give-out-us-east-1"]] && [for statement in jsondecode(aws_iam_role_policy.this["carry"].policy).Statement : statement.Resource if contains(statement.Action, "s3:GetObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/exports/*", "arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/under-way/*"]]
    error_message = "it may invoke one function, and reads no file of an import, nor what came of one"
  }

  assert {
    condition     = length(one([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Condition.ArnNotEquals["aws:PrincipalArn"] if statement.Sid == "NobodyReadsInputsButTheFunctions"])) == 2
    error_message = "inputs are read by the functions that import"
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.export_machine["exports"].policy).Statement : true if length([for action in statement.Action : true if startswith(action, "s3:")]) > 0]) == 0 && jsondecode(aws_iam_role_policy.export_machine["exports"].policy).Statement[0].Resource == ["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-carry-us-east-1:*"]
    error_message = "the machine reads no object, and invokes one function; that of imports invokes it not"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.machine.policy).Statement[0].Resource == ["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-files-us-east-1:*", "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-part-us-east-1:*"]
    error_message = "the machine of imports cannot export"
  }

  assert {
    condition     = output.calls.lambda.resources == ["arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-take-in-us-east-1", "arn:aws:lambda:us-east-1:123456789012:function:tokenvault-bulk-give-out-us-east-1"] && keys(output.role_arns) == ["carry", "files", "part"]
    error_message = "endpoints let both through"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.bulk.rule : rule.expiration[0].days if rule.id == "what-was-under-way-goes"]) == 8 && contains(flatten([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Resource if statement.Sid == "NobodyWritesResultsButTheModule"]), "arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/under-way/*")
    error_message = "what is under way is written by the module alone, and goes once nobody may go on with it"
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_kms_key.bulk.policy).Statement : contains(flatten([statement.Condition.StringLike["kms:EncryptionContext:aws:states:stateMachineArn"]]), "arn:aws:states:us-east-1:123456789012:stateMachine:tokenvault-bulk-export-us-east-1") if statement.Sid == "TheHistoryOfExecutions"])
    error_message = "the history of both machines is encrypted with the module's key"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.export_failed["exports"].dimensions.StateMachineArn == "arn:aws:states:us-east-1:123456789012:stateMachine:tokenvault-bulk-export-us-east-1" && length(jsondecode(aws_cloudwatch_dashboard.bulk.dashboard_body).widgets) == 7
    error_message = "a failure is told, and progress and cost are shown"
  }
}

run "exports_that_are_none" {
  command = plan
  module {
    source = "./modules/bulk"
  }
  variables {
    exports = {
      client         = "mover"
      parallel_parts = 17
      reveal         = { role_arn = "arn:aws:iam::123456789012:role/tokenvault-reveal", memory_mb = 1769, environment = {}, log_group = "/x" }
    }
  }

  expect_failures = [var.exports]
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
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["part"].policy).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/in/*"]]
    error_message = "results are written under out/in/ and nowhere else, so no export is touched"
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.this["part"].policy).Statement : statement.Condition.StringEquals["aws:ResourceAccount"] == "123456789012" if startswith(statement.Action[0], "s3:")])
    error_message = "a bucket of that name in another account gets nothing"
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : true if contains(statement.Action, "s3:GetObjectVersion")]) == 0 && [for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : statement.Resource if contains(statement.Action, "s3:GetObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/in/*/plan/*.json"], ["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/runs*"]]
    error_message = "the machine reads its lists, and neither an input nor a result"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.machine.policy).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")] == [["arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/out/runs*"]]
    error_message = "it notes the runs of its maps, and writes no result"
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
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Condition.Null if statement.Sid == "NothingUnderAKeyOfS3s"]) == { "s3:x-amz-server-side-encryption" = "false", "s3:x-amz-server-side-encryption-aws-kms-key-id" = "true" }
    error_message = "who names an encryption, AES256 or aws:kms, names our key: without one, S3 takes its own"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_s3_bucket_policy.bulk.policy).Statement : statement.Resource if statement.Sid == "NobodyReadsInputsButTheFunctions"]) == "arn:aws:s3:::tokenvault-bulk-123456789012-us-east-1/in/*"
    error_message = "who puts a file there cannot read one"
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.bulk.rule[0].expiration[0].days == 7 && aws_s3_bucket_lifecycle_configuration.bulk.rule[0].filter[0].prefix == "in/"
    error_message = "files with values go by themselves"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.bulk.rule : rule.abort_incomplete_multipart_upload[0].days_after_initiation if rule.id == "nothing-half-done-stays"]) == 7
    error_message = "an upload may take as long as its file may stay"
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

run "parquet_by_a_layer_of_ours" {
  command = apply
  module {
    source = "./modules/bulk"
  }
  variables {
    parquet_layer = "modules/bulk/parquet-layer.zip"
    exports = {
      client = "shop/mover"
      reveal = { role_arn = "arn:aws:iam::123456789012:role/tokenvault-reveal", memory_mb = 1769, environment = {}, log_group = "/x" }
    }
  }

  assert {
    condition     = aws_lambda_layer_version.parquet["parquet"].layer_name == "tokenvault-bulk-parquet-us-east-1" && aws_lambda_layer_version.parquet["parquet"].compatible_architectures == toset(["arm64"]) && { for name, function in aws_lambda_function.this : name => length(function.layers) } == { carry = 0, files = 1, part = 1 }
    error_message = "what decodes files of others is beside the functions that import, and beside no other"
  }

  assert {
    condition     = aws_lambda_function.take_in.layers == null && aws_lambda_function.give_out["exports"].layers == null
    error_message = "what touches the vault has no code of others beside it"
  }
}

run "one_layer_is_enough" {
  command = plan
  module {
    source = "./modules/bulk"
  }
  variables {
    parquet_layer     = "modules/bulk/parquet-layer.zip"
    parquet_layer_arn = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313-Arm64:3"
  }

  expect_failures = [var.parquet_layer]
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

# The module's roles. None of them is the vault's: what touches that has the tokenizing or the revealing function's, as it is.

locals {
  # Objects of this account's bucket alone, whoever else makes a bucket of that name.
  ours = { StringEquals = { "aws:ResourceAccount" = var.account } }

  read_input   = { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = ["${local.bucket_arn}/${local.input_prefix}*"], Condition = local.ours }
  write_output = { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.bucket_arn}/${local.output_prefix}${local.input_prefix}*"], Condition = local.ours }
  # Without it, S3 answers 403 in place of 404 to whoever asks for an object that is not there. Such a request has no
  # prefix that a condition could look at: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  see_missing = { Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.bucket_arn], Condition = local.ours }
  use_key     = { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [aws_kms_key.bulk.arn], Condition = local.through_s3 }
  trace       = { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = ["*"] } # X-Ray's write actions name no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html

  # What an export carries is sealed to its recipient: this role reads and writes that, and nothing of an import.
  carry_sealed = { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], Resource = [for prefix in [local.exports_prefix, local.under_way_prefix] : "${local.bucket_arn}/${prefix}*"], Condition = local.ours }

  statements = merge({
    files = [local.read_input, local.write_output, local.see_missing, local.use_key]
    part = [
      local.read_input, local.write_output, local.see_missing, local.use_key,
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.take_in_arn] },
    ]
    }, var.exports == null ? {} : {
    carry = [
      local.carry_sealed, local.see_missing, local.use_key,
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.give_out_arn] },
    ]
  })

  # A machine invokes versions: what runs keeps the code that it began with.
  invoked = {
    machine        = [for name in ["files", "part"] : "${local.function_arns[name]}:*"]
    export_machine = [for name, arn in local.function_arns : "${arn}:*" if name == "carry"]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name = each.value

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "this" {
  # checkov:skip=CKV_AWS_290: X-Ray's write actions name no resource.
  for_each = local.statements

  name = "calls"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(each.value, [
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:${var.partition}:logs:${local.region}:${var.account}:log-group:${local.log_groups[each.key]}:*"] },
      local.trace,
    ])
  })
}

module "in_vpc" {
  source   = "../in_vpc"
  for_each = { for name, role in aws_iam_role.this : name => role.name if var.vpc != null }

  role_name     = each.value
  function_arns = [local.function_arns[each.key]]
}

resource "aws_iam_role" "machine" {
  name = local.machine_name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
      Condition = { StringEquals = { "aws:SourceAccount" = var.account }, ArnLike = { "aws:SourceArn" = "arn:${var.partition}:states:${local.region}:${var.account}:stateMachine:${local.machine_name}*" } }
    }]
  })
}

resource "aws_iam_role_policy" "machine" {
  # checkov:skip=CKV_AWS_355: The actions of log deliveries and of X-Ray name no resource.
  # checkov:skip=CKV_AWS_290: The actions of log deliveries and of X-Ray name no resource.
  name = "calls"
  role = aws_iam_role.machine.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = local.invoked.machine },
      # The lists of segments and parts, and what Step Functions notes of each run of a map.
      # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.bucket_arn}/${local.output_prefix}${local.input_prefix}*/plan/*.json"], Condition = local.ours },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.bucket_arn}/${local.runs_prefix}*"], Condition = local.ours },
      local.use_key,
      # The same key encrypts the history of executions: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [aws_kms_key.bulk.arn], Condition = local.of_the_machine },
      { Effect = "Allow", Action = ["states:StartExecution"], Resource = [local.machine_arn] },
      { Effect = "Allow", Action = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"], Resource = [for of in [":", "/"] : "arn:${var.partition}:states:${local.region}:${var.account}:execution:${local.machine_name}${of}*"] },
      # Log deliveries name no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
      { Effect = "Allow", Action = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"], Resource = ["*"] },
      { Effect = "Allow", Action = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource = ["*"] },
    ]
  })
}

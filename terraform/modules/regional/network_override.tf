# The VPC of the functions, on top of what Chalice writes and `chalice_override.tf` adds. checkov takes the last
# file that names a resource for its own, so what it passes over stands here.

resource "aws_lambda_function" "api_handler" {
  # checkov:skip=CKV_AWS_116: API Gateway waits for the answer: there is nothing to put aside.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_lambda_function" "reveal" {
  # checkov:skip=CKV_AWS_116: API Gateway waits for the answer: there is nothing to put aside.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_lambda_function" "maintain" {
  # checkov:skip=CKV_AWS_116: What fails for good is told to a topic, by the alias's invoke config.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_lambda_function" "archive" {
  # checkov:skip=CKV_AWS_116: What fails for good is put into the archive as it is, by the event source mapping.
  # checkov:skip=CKV_AWS_272: The package of a commit is the same bytes anywhere, and its hash stands in the plan that somebody reviewed.
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

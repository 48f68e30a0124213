# The VPC of the functions, on top of what Chalice writes and `chalice_override.tf` adds.

resource "aws_lambda_function" "api_handler" {
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_lambda_function" "reveal" {
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

resource "aws_lambda_function" "maintain" {
  dynamic "vpc_config" {
    for_each = local.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }
}

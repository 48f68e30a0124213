# What the account may do, asked before anything is made: an apply that ends half-way at a quota is worse than none.

variable "check_quotas" {
  description = "Whether the plan asks Service Quotas (servicequotas:GetServiceQuota and GetAWSDefaultServiceQuota) if the account allows what the variables want."
  type        = bool
  default     = true
}

# From variables alone: a data source whose conditions name a resource is read during the apply, when it is too late.
locals {
  reserved_concurrency = sum([for function in values(var.concurrency) : coalesce(function.reserved, 0)])
  usage_plans          = length(distinct([for client in local.clients : client.throttle]))

  # Lambda keeps this many for functions without a reservation, and refuses one that would leave less:
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
  unreserved_concurrency = 100
}

# A new account may have 10: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
data "aws_servicequotas_service_quota" "lambda" {
  count = var.check_quotas ? 1 : 0

  service_code = "lambda"
  quota_code   = "L-B99A9384"

  lifecycle {
    postcondition {
      condition     = local.reserved_concurrency == 0 || self.value >= local.reserved_concurrency + local.unreserved_concurrency
      error_message = "Lambda runs at most ${self.value} functions at a time for this account in ${var.region}, and `concurrency` reserves ${local.reserved_concurrency} of them; Lambda keeps ${local.unreserved_concurrency} unreserved. Ask AWS for at least ${local.reserved_concurrency + local.unreserved_concurrency} (Service Quotas, AWS Lambda, Concurrent executions, L-B99A9384), or reserve less."
    }
  }
}

# Quotas are each Region's own, and an account that has grown in one has the first numbers in another.
data "aws_servicequotas_service_quota" "replica_lambda" {
  count    = var.check_quotas ? local.replica_count : 0
  provider = aws.replica

  service_code = "lambda"
  quota_code   = "L-B99A9384"

  lifecycle {
    postcondition {
      condition     = local.reserved_concurrency == 0 || self.value >= local.reserved_concurrency + local.unreserved_concurrency
      error_message = "Lambda runs at most ${self.value} functions at a time for this account in ${var.replica_region}, and `concurrency` reserves ${local.reserved_concurrency} of them; Lambda keeps ${local.unreserved_concurrency} unreserved. Ask AWS for at least ${local.reserved_concurrency + local.unreserved_concurrency} there (Service Quotas, AWS Lambda, Concurrent executions, L-B99A9384), or reserve less."
    }
  }
}

data "aws_servicequotas_service_quota" "usage_plans" {
  count = var.check_quotas ? 1 : 0

  service_code = "apigateway"
  quota_code   = "L-E8693075"

  lifecycle {
    postcondition {
      condition     = self.value >= local.usage_plans
      error_message = "The clients have ${local.usage_plans} different limits, each a usage plan, and API Gateway allows this account ${self.value} in ${var.region}. Ask AWS for more (Service Quotas, Amazon API Gateway, Usage plans per account per Region, L-E8693075), or give clients equal limits: they share a plan."
    }
  }
}

# A warning only: a trial needs no more.
check "concurrency" {
  assert {
    condition     = alltrue([for quota in data.aws_servicequotas_service_quota.lambda : quota.value >= local.unreserved_concurrency])
    error_message = "Lambda runs few functions at a time for this account, as for every new one: with ${join(", ", [for quota in data.aws_servicequotas_service_quota.lambda : quota.value])} in all, a handful of callers are throttled. Ask AWS for 1000 (Service Quotas, AWS Lambda, Concurrent executions, L-B99A9384) before production."
  }
}

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "account" {
  description = "The AWS account id."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC. A function takes few of them, whatever its load: network interfaces are shared."
  type        = string
  default     = "10.0.0.0/24"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr: an IPv4 range of a /16 to a /24, such as 10.0.0.0/24."
  }
}

variable "zones" {
  description = "Number of Availability Zones. Each interface endpoint costs by zone and hour."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3, 4, 5, 6], var.zones)
    error_message = "zones: 2 to 6, and not more than the Region has. One zone alone would take the service down with it."
  }
}

variable "endpoints" {
  description = "Endpoints besides those of DynamoDB, KMS and S3: events, logs, monitoring, sns, sqs, xray. The functions need none of them; Lambda itself writes their logs and traces."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.endpoints, ["events", "logs", "monitoring", "sns", "sqs", "xray"])) == 0
    error_message = "endpoints: any of events, logs, monitoring, sns, sqs and xray. Those of DynamoDB, KMS and S3 are always there."
  }
}

variable "role_arns" {
  description = "Roles that may call through the endpoints."
  type        = list(string)
}

variable "calls" {
  description = "Actions and resources that may be called through the endpoints of dynamodb, kms and s3, and of lambda where one is needed."
  type        = map(object({ actions = list(string), resources = list(string) }))

  validation {
    condition     = setsubtract(keys(var.calls), ["lambda"]) == toset(["dynamodb", "kms", "s3"])
    error_message = "calls: say what goes through each of dynamodb, kms and s3, and of lambda if functions invoke one another."
  }

  validation {
    condition     = !anytrue(flatten([for call in values(var.calls) : concat([for action in call.actions : strcontains(action, "*")], [for resource in call.resources : !can(regex("^arn:[^*]+(/\\*)?$", resource))])]))
    error_message = "calls: name each action, and each table, key or bucket; a * would open the endpoint to those of other accounts."
  }
}

variable "flow_log_group_arn" {
  description = "Log group that the flow logs go to."
  type        = string
}

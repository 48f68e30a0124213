variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "partition" {
  description = "The AWS partition."
  type        = string
}

variable "account" {
  description = "The AWS account id."
  type        = string
}

variable "functions" {
  description = "What tokenize, reveal, maintain and archive are given. Chalice's part refers to the roles by this name."
  type = map(object({
    role_arn                = string
    memory_mb               = number
    environment             = map(string)
    reserved_concurrency    = optional(number)
    provisioned_concurrency = optional(number)
    rollout                 = optional(object({ stable_version = string, new_share = number }))
  }))
}

variable "failures_topic_arn" {
  description = "SNS topic that is told of asynchronous calls that failed for good."
  type        = string
}

variable "user_pool_arns" {
  description = "ARNs of the Cognito pools whose access tokens the API takes."
  type        = list(string)
}

variable "clients" {
  description = "API keys of clients, each with its client's limits; by the key's address in modules/identity."
  type = map(object({
    api_key_id          = string
    requests_per_second = number
    burst               = number
    requests_per_day    = optional(number)
  }))
}

variable "key_administration" {
  description = "Who administers keys, and the actions of that: none that uses one."
  type        = object({ principals = list(string), actions = list(string) })
}

variable "key_deletion_window_days" {
  description = "Days between scheduling the log key's deletion and losing the logs."
  type        = number
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "manage_api_gateway_account" {
  description = "Whether to set the Region's API Gateway role for logs, which all APIs of the account share."
  type        = bool
}

variable "api" {
  description = "Limits of the whole API, and from where it may be called: address ranges, or only through these VPC endpoints. Typed and validated by the root."
  type = object({
    requests_per_second  = number
    burst                = number
    captures_per_second  = optional(number, 50)
    allowed_cidrs        = list(string)
    private_endpoint_ids = list(string)
    security_policy      = string
    endpoint_access_mode = string
  })
}

variable "people" {
  description = "Whether people sign in: the routes below /people, which ask for no API key, are there."
  type        = bool
  default     = false
}

variable "captures" {
  description = "Whether a client begins capture sessions: the route that takes values of pages, which asks for no access token, is there."
  type        = bool
  default     = false
}

variable "allowed_origins" {
  description = "Origins whose pages may read answers; none: no page may. Typed and validated by the root."
  type        = list(string)
  default     = []
}

variable "firewall" {
  description = "The firewall's limits and lists, null for none: see ../edge."
  type = object({
    requests_per_address = number
    requests_per_api_key = number
    blocked_cidrs        = list(string)
    allowed_countries    = list(string)
  })
}

variable "domain" {
  description = "Domain with mutual TLS, null for none: see ../edge."
  type = object({
    name                                   = string
    certificate_arn                        = string
    client_authorities                     = string
    ownership_verification_certificate_arn = string
  })
}

variable "force_destroy" {
  description = "Whether buckets may be deleted with what is in them."
  type        = bool
}

variable "network" {
  description = "The VPC: null for none; with `existing`, that one; else one is made. Typed and validated by the root."
  type = object({
    cidr      = string
    zones     = number
    endpoints = set(string)
    existing  = object({ vpc_id = string, subnet_ids = list(string), security_group_ids = list(string) })
  })
}

variable "role_arns" {
  description = "Roles that may call through the VPC's endpoints."
  type        = list(string)
}

variable "calls" {
  description = "What may go through the endpoints of DynamoDB, KMS and S3."
  type        = map(object({ actions = list(string), resources = list(string) }))
}

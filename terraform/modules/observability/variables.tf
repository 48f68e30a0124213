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
  description = "Names of the deployed functions: tokenize, reveal, maintain, archive."
  type        = map(string)
}

variable "maintain_role_name" {
  description = "The role that Lambda tells the topic in of calls that failed for good."
  type        = string
}

variable "stage" {
  description = "Name of the API's stage."
  type        = string
}

variable "tables" {
  description = "Names of the tables."
  type        = map(string)
}

variable "web_acl_name" {
  description = "Name of the web ACL's metric. Null: there is no WAF."
  type        = string
  default     = null
}

variable "emails" {
  description = "Addresses that alarms are sent to; each has to confirm once."
  type        = set(string)
}

variable "pager_arns" {
  description = "What the composite alarm calls besides the topic: SNS topics, or Incident Manager response plans."
  type        = list(string)
}

variable "thresholds" {
  description = "Where the alarms begin."
  type = object({
    error_percent     = number
    latency_p99_ms    = number
    throttles         = number
    refused_reveals   = number
    forbidden_reveals = number
    reveal_deviations = number
    archive_lag_s     = number
    blocked_requests  = number
  })
}

variable "traced_share" {
  description = "Share of the requests that X-Ray traces, beyond one a second."
  type        = number
}

variable "access_analyzer" {
  description = "Whether to make an IAM Access Analyzer of the account in this Region."
  type        = bool
}

variable "backup" {
  description = "Copies by AWS Backup besides point-in-time recovery. Null: none."
  type        = object({ keep_days = number, schedule = string })
}

variable "force_destroy" {
  description = "Whether a destroy deletes the backups first; a vault that holds any cannot be deleted."
  type        = bool
  default     = false
}

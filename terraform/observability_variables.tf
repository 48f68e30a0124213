# The variables of observability.tf.

variable "alarms" {
  description = "Who is told, and from where on. Counts are of five minutes, throttles of one."
  type = object({
    emails            = optional(set(string), [])
    pager_arns        = optional(list(string), [])
    error_percent     = optional(number, 1)
    latency_p99_ms    = optional(number, 2000)
    throttles         = optional(number, 0)
    refused_reveals   = optional(number, 50)
    forbidden_reveals = optional(number, 5)
    reveal_deviations = optional(number, 4)
    archive_lag_s     = optional(number, 900)
    blocked_requests  = optional(number, 500)
  })
  default = {}

  validation {
    condition     = alltrue([for email in var.alarms.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "alarms: emails are addresses such as oncall@example.com."
  }

  validation {
    condition     = alltrue([for arn in var.alarms.pager_arns : can(regex("^arn:", arn))])
    error_message = "alarms: pager_arns are ARNs of SNS topics or of Incident Manager response plans. An alarm calls those of its own Region and those without one."
  }

  validation {
    condition     = var.alarms.error_percent > 0 && var.alarms.error_percent < 100
    error_message = "alarms: error_percent is between 0 and 100, such as 1."
  }

  validation {
    condition     = var.alarms.archive_lag_s >= 120 && var.alarms.archive_lag_s <= 21600
    error_message = "alarms: archive_lag_s is 120 to 21600; batches wait up to a minute, and are put aside after six hours."
  }
}

variable "traced_share" {
  description = "Share of the requests that X-Ray traces, beyond one a second. Traces hold names and times, no bodies."
  type        = number
  default     = 0.05

  validation {
    condition     = var.traced_share >= 0 && var.traced_share <= 1
    error_message = "traced_share: from 0 to 1."
  }
}

variable "access_analyzer" {
  description = "Whether to make an IAM Access Analyzer of the account in this Region: false where there is one."
  type        = bool
  default     = true
}

variable "backup" {
  description = "Copies by AWS Backup besides point-in-time recovery. Erasure receipts name the day the last copy goes, so a longer time shows there."
  type = object({
    keep_days = optional(number, 35)
    schedule  = optional(string, "cron(0 3 * * ? *)")
  })
  default = null

  validation {
    condition     = var.backup == null ? true : var.backup.keep_days >= 1 && var.backup.keep_days <= 3653
    error_message = "backup: keep_days is 1 to 3653."
  }

  validation {
    condition     = var.backup == null ? true : can(regex("^(cron|rate)\\(.+\\)$", var.backup.schedule))
    error_message = "backup: schedule is a cron or rate expression, such as cron(0 3 * * ? *)."
  }
}

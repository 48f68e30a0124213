# How many functions run at a time, and how a new version takes over: the variables of lambda.tf.

variable "concurrency" {
  description = "Reserved: at most this many at a time, set apart from the account's others. Provisioned: this many kept warm."
  type = object({
    tokenize = optional(object({ reserved = optional(number), provisioned = optional(number) }), {})
    reveal   = optional(object({ reserved = optional(number), provisioned = optional(number) }), {})
    maintain = optional(object({ reserved = optional(number) }), {})
    archive  = optional(object({ reserved = optional(number) }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for function in [var.concurrency.tokenize, var.concurrency.reveal, var.concurrency.maintain, var.concurrency.archive] : function.reserved == null ? true : function.reserved >= 1])
    error_message = "concurrency: reserved is 1 or more; 0 would stop the function. Leave it out to share the account's."
  }

  validation {
    condition     = alltrue([for function in [var.concurrency.tokenize, var.concurrency.reveal] : function.provisioned == null ? true : function.provisioned >= 1 && function.provisioned <= coalesce(function.reserved, function.provisioned)])
    error_message = "concurrency: provisioned is 1 or more, and not more than reserved where that is given."
  }
}

variable "rollout" {
  description = "By function: the version that is in use, and the share of the calls that the newest gets instead. Empty: the newest gets all."
  type        = map(object({ stable_version = string, new_share = number }))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.rollout) : contains(["tokenize", "reveal"], name)])
    error_message = "rollout: tokenize and reveal take shares of calls; maintain and archive are replaced at once."
  }

  validation {
    condition     = alltrue([for rollout in values(var.rollout) : can(regex("^[1-9][0-9]*$", rollout.stable_version)) && rollout.new_share >= 0 && rollout.new_share <= 1])
    error_message = "rollout: stable_version is a version's number (terraform output function_versions), new_share from 0 to 1."
  }
}

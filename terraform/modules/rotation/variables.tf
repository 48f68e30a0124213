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

variable "role_region" {
  description = "The Region in the names of the roles, so that a stack of the same name in another Region has others. Null: none."
  type        = string
}

variable "function_arns" {
  description = "ARNs of the aliases of the functions that walk and that seal again."
  type        = object({ maintain = string, reveal = string })
}

variable "tenants" {
  description = "Names of the tenants whose keys rotate on schedule."
  type        = list(string)
}

variable "items_per_second" {
  description = "How many items all walks look at together, at most."
  type        = number
}

variable "every_days" {
  description = "How often each tenant's key rotates, in days. Null: when somebody starts the state machine."
  type        = number
  default     = null
}

variable "settling_seconds" {
  description = "How long after a new version was made records may still be written with the one before."
  type        = number
}

variable "alarms_topic_arn" {
  description = "ARN of the topic that is told when a job fails."
  type        = string
}

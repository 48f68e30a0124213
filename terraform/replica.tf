variable "replica_region" {
  description = "A second Region that holds replicas of the keys and of the tables that tokens live in. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null ? true : var.replica_region != var.region
    error_message = "replica_region: another Region than `region`, or null for no replicas."
  }
}

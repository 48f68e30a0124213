# A second Region: replicas that wait, or a service of its own over them (second_region.tf).

variable "replica_region" {
  description = "A second Region that holds replicas of the keys and of the tables that tokens live in. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null ? true : var.replica_region != var.region
    error_message = "replica_region: another Region than `region`, or null for no replicas."
  }
}

variable "replica_serves" {
  description = "Whether `replica_region` serves as well: an API, functions, a pool, a network, an archive and alarms of its own. Switch it on in an apply of its own, and send nobody there before that has ended (docs/operations.md)."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.replica_serves || var.replica_region != null
    error_message = "replica_serves: name the second Region, as replica_region."
  }

  validation {
    condition     = !var.replica_serves || (var.domain == null) == (var.replica_domain == null)
    error_message = "replica_serves: with a `domain`, the second Region needs one too (replica_domain), or whoever has no client certificate comes in there. Give both or neither."
  }

  validation {
    condition     = !var.replica_serves || try(var.network.existing, null) == null || try(var.replica_network.existing, null) != null
    error_message = "replica_serves: with network.existing, name the VPC of the second Region: replica_network = { existing = … }."
  }

  validation {
    condition     = !var.replica_serves || (length(var.api.private_endpoint_ids) > 0) == (length(var.replica_private_endpoint_ids) > 0)
    error_message = "replica_serves: with api.private_endpoint_ids, name those of the second Region (replica_private_endpoint_ids), or its API is open to the internet. Give both or neither."
  }
}

variable "replica_deletion_protection" {
  description = "As `deletion_protection`, of the tables and the user pool in `replica_region` alone. Null: the same there. Switch it off and apply before that Region is taken out (docs/operations.md); buckets follow `deletion_protection`."
  type        = bool
  default     = null

  validation {
    condition     = var.replica_deletion_protection == null || var.replica_region != null
    error_message = "replica_deletion_protection: there is no second Region. Name it, as replica_region, or leave this out; deletion_protection is for the first one."
  }
}

locals {
  replica_deletion_protection = var.replica_deletion_protection == null ? var.deletion_protection : var.replica_deletion_protection
}

variable "replica_domain" {
  description = "As `domain`, in the second Region: the same name or another, and a certificate of that Region."
  type = object({
    name                                   = string
    certificate_arn                        = string
    client_authorities                     = string
    ownership_verification_certificate_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.replica_domain == null || var.replica_region == null ? true : strcontains(var.replica_domain.certificate_arn, ":acm:${var.replica_region}:")
    error_message = "replica_domain: certificate_arn is the ARN of an ACM certificate in replica_region."
  }
}

variable "replica_network" {
  description = "As `network`, in the second Region. Null: the same there."
  type = object({
    cidr      = optional(string, "10.0.0.0/24")
    zones     = optional(number, 2)
    endpoints = optional(set(string), [])
    existing  = optional(object({ vpc_id = string, subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = null

  validation {
    condition     = var.replica_network == null || var.network != null
    error_message = "replica_network: the functions of both Regions run in a VPC or those of neither. Give `network`, too."
  }
}

variable "replica_private_endpoint_ids" {
  description = "As `api.private_endpoint_ids`, in the second Region."
  type        = list(string)
  default     = []
}

variable "replica_rollout" {
  description = "As `rollout`, in the second Region, whose functions have versions of their own."
  type        = map(object({ stable_version = string, new_share = number }))
  default     = {}

  validation {
    condition     = alltrue([for name, rollout in var.replica_rollout : contains(["tokenize", "reveal"], name) && can(regex("^[1-9][0-9]*$", rollout.stable_version)) && rollout.new_share >= 0 && rollout.new_share <= 1])
    error_message = "replica_rollout: of tokenize and reveal; stable_version is a version's number (terraform output -json replica), new_share from 0 to 1."
  }
}

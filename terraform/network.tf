variable "network" {
  description = "The VPC that the functions run in: one without a way to the internet is made, or `existing` names one whose subnets reach DynamoDB and KMS by endpoints of its own. Null: no VPC, for a local stack."
  type = object({
    cidr      = optional(string, "10.0.0.0/24")
    zones     = optional(number, 2)
    endpoints = optional(set(string), [])
    existing  = optional(object({ vpc_id = string, subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = {}

  validation {
    condition     = try(length(var.network.existing.subnet_ids) >= 2 && length(var.network.existing.security_group_ids) >= 1, true)
    error_message = "network: existing needs the ids of two subnets or more, in different Availability Zones, and of a security group."
  }

  validation {
    condition     = try(startswith(var.network.existing.vpc_id, "vpc-"), true)
    error_message = "network: existing.vpc_id is the id of a VPC (vpc-…)."
  }
}

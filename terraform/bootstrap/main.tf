# What has to be there before the stack: a bucket for Terraform's state, and roles that a pipeline takes on with
# a short-lived token of GitHub's instead of a long-lived key. Applied once by a person (docs/operations.md).

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "The Region of the stack, and of the state bucket."
  type        = string

  validation {
    # 64 characters of IAM, less the longest that stands before the Region in the name of a role.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", var.region)) && length(var.region) <= 25
    error_message = "region: an AWS Region such as us-east-1, of at most 25 characters (it ends the names of roles, of which IAM allows 64)."
  }
}

variable "name" {
  description = "Name of the stack, as in the stack's own variables."
  type        = string
  default     = "tokenvault"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name: 2 to 21 lower-case letters, digits and hyphens, starting with a letter, as the stack's (IAM roles and the state's bucket are named after it)."
  }
}

variable "region_in_role_names" {
  description = "Whether the pipeline's roles and policies have the Region in their names, so that one `name` fits into several Regions. False for a bootstrap from before they had, which keeps their names: docs/operations.md has the way over."
  type        = bool
  default     = true
}

variable "deployer_policies" {
  description = "Whether the applying role gets the least policies that are shipped here. It makes roles and key policies, and so could give itself more: bound it by a service control policy."
  type        = bool
  default     = true
}

variable "apply_policy_arns" {
  description = "Policies that the applying role has besides, or without `deployer_policies` in their place."
  type        = set(string)
  default     = []

  validation {
    condition     = var.deployer_policies || length(var.apply_policy_arns) > 0
    error_message = "apply_policy_arns: at least one policy without deployer_policies; the role has to make what the stack consists of."
  }
}

variable "make_oidc_provider" {
  description = "Whether to make GitHub's OIDC provider. An account has one, whatever the Region: false where it exists, for a second Region say."
  type        = bool
  default     = true
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  bucket    = "${var.name}-state-${local.account}-${var.region}"
  # IAM has one list of names for all Regions.
  suffix   = var.region_in_role_names ? "-${var.region}" : ""
  arn      = "arn:${local.partition}:s3:::${local.bucket}"
  issuer   = "token.actions.githubusercontent.com"
  provider = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"
}

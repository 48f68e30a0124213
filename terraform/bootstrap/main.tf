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
  description = "The Region of the state bucket."
  type        = string
}

variable "name" {
  description = "Name of the stack, as in the stack's own variables."
  type        = string
  default     = "tokenvault"
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
  description = "Whether to make GitHub's OIDC provider. There is one per account: false where it exists."
  type        = bool
  default     = true
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  bucket    = "${var.name}-state-${local.account}-${var.region}"
  arn       = "arn:${local.partition}:s3:::${local.bucket}"
  issuer    = "token.actions.githubusercontent.com"
  provider  = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"
}

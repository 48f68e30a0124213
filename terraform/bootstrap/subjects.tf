# Which of GitHub's runs may have which role. GitHub says in a token's subject what a run is of:
#
#   immutable  repo:octocat@123456/my-repo@456789:environment:production
#   names      repo:octocat/my-repo:environment:production
#
# Names can be given up and taken by others; ids cannot. Repositories made, renamed or moved to another account since
# 15 July 2026 send the first form, older ones once they are switched over, GitHub Enterprise Server the second.
# https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
# https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/

variable "repository" {
  description = "The GitHub repository whose pipeline deploys, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository: owner/name, such as example/tokenvault-deployment, without ids; those go into repository_ids."
  }
}

variable "repository_ids" {
  description = "GitHub's numbers of the repository and of its owner: `gh api repos/OWNER/NAME --jq '.owner.id, .id'`."
  type        = object({ owner = string, repository = string })
  default     = null

  validation {
    condition     = var.repository_ids == null ? true : alltrue([for id in values(var.repository_ids) : can(regex("^[1-9][0-9]*$", id))])
    error_message = "repository_ids: owner and repository are whole numbers, as `gh api repos/OWNER/NAME --jq '.owner.id, .id'` prints them."
  }

  validation {
    condition     = (var.repository_ids == null) == (var.subject_form == "names")
    error_message = "repository_ids: needed for subject_form \"immutable\"; leave them out for \"names\", which knows none."
  }
}

variable "subject_form" {
  description = "How the repository's tokens name it: \"immutable\" (with ids) or \"names\" (repositories from before 15 July 2026 that were not switched over, GitHub Enterprise Server). The repository's settings for Actions show the form."
  type        = string
  default     = "immutable"

  validation {
    condition     = contains(["immutable", "names"], var.subject_form)
    error_message = "subject_form: \"immutable\" or \"names\"."
  }
}

variable "branch" {
  description = "The branch that is deployed. Protect it."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch: letters, digits, ., _, / and -."
  }
}

variable "environment" {
  description = "The GitHub environment that may apply. Protect it with required reviewers."
  type        = string
  default     = "production"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.environment))
    error_message = "environment: letters, digits, _ and -."
  }
}

locals {
  owner_and_name = split("/", var.repository)
  immutable      = try("${local.owner_and_name[0]}@${var.repository_ids.owner}/${local.owner_and_name[1]}@${var.repository_ids.repository}", "")
  prefix         = "repo:${var.subject_form == "immutable" ? local.immutable : var.repository}"

  # Whole subjects, without a wildcard. A job with an environment has that for its subject, whatever its branch.
  subjects = {
    plan  = ["${local.prefix}:pull_request", "${local.prefix}:ref:refs/heads/${var.branch}"]
    apply = ["${local.prefix}:environment:${var.environment}"]
  }
}

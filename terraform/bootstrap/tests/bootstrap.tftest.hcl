# Offline: no account, no emulator.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/tokenvault-account-api-logs-us-east-1" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/tokenvault" }
  }
}

variables {
  region         = "us-east-1"
  repository     = "example/deployment"
  repository_ids = { owner = "123456", repository = "456789" }
}

run "only_the_protected_environment_applies" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["apply"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example@123456/deployment@456789:environment:production"]
    error_message = "the applying role trusts the environment, whatever the branch"
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example@123456/deployment@456789:pull_request", "repo:example@123456/deployment@456789:ref:refs/heads/main"]
    error_message = "the planning role trusts pull requests and the branch that is deployed"
  }

  assert {
    condition     = strcontains(output.backend, "use_lockfile = true") && strcontains(output.backend, "tokenvault-state-123456789012-us-east-1")
    error_message = "the backend names the bucket, and locks"
  }
}

run "a_repository_from_before_july_2026_is_named_without_ids" {
  command = apply
  variables {
    subject_form   = "names"
    repository_ids = null
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["apply"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/deployment:environment:production"]
    error_message = "the old form has names only"
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/deployment:pull_request", "repo:example/deployment:ref:refs/heads/main"]
    error_message = "the old form has names only, of pull requests too"
  }
}

run "refuses_the_new_form_without_ids" {
  command = plan
  variables {
    repository_ids = null
  }
  expect_failures = [var.repository_ids]
}

run "refuses_ids_that_could_match_others" {
  command = plan
  variables {
    repository_ids = { owner = "*", repository = "456789" }
  }
  expect_failures = [var.repository_ids]
}

run "refuses_ids_within_the_name" {
  command = plan
  variables {
    repository = "example@123456/deployment@456789"
  }
  expect_failures = [var.repository]
}

run "refuses_a_repository_without_an_owner" {
  command = plan
  variables {
    repository = "deployment"
  }
  expect_failures = [var.repository]
}

run "refuses_a_branch_that_could_match_others" {
  command = plan
  variables {
    branch = "release-*"
  }
  expect_failures = [var.branch]
}

run "refuses_an_environment_that_could_match_others" {
  command = plan
  variables {
    environment = "*"
  }
  expect_failures = [var.environment]
}

run "the_account_has_its_role_for_logs_of_apis" {
  command = apply

  assert {
    condition     = aws_api_gateway_account.this[0].cloudwatch_role_arn == aws_iam_role.api_logs[0].arn && aws_api_gateway_account.this[0].reset_on_delete
    error_message = "the account names the role that is made here, and no role once that is gone"
  }
}

run "another_stacks_role_for_logs_is_left_alone" {
  command = apply
  variables {
    api_gateway_log_role = false
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.api_logs) == 0 && output.api_gateway_log_role_arn == null
    error_message = "nothing of the account's setting is touched"
  }
}

run "refuses_an_applying_role_without_a_policy" {
  command = plan
  variables {
    deployer_policies = false
  }
  expect_failures = [var.apply_policy_arns]
}

run "the_planning_role_gets_what_reads_and_the_applying_role_all" {
  command = apply

  assert {
    condition     = alltrue([for key in keys(aws_iam_role_policy_attachment.shipped) : startswith(key, "plan/plan-") || startswith(key, "apply/")])
    error_message = "the planning role has no policy of the applying role"
  }

  assert {
    condition     = contains(keys(aws_iam_role_policy_attachment.shipped), "plan/plan-1") && contains(keys(aws_iam_role_policy_attachment.shipped), "apply/plan-1") && contains(keys(aws_iam_role_policy_attachment.shipped), "apply/apply-1")
    error_message = "each role has its policies"
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.pipeline : !strcontains(policy.policy, "$${")])
    error_message = "account, partition and name are filled in"
  }
}

run "a_policy_of_the_accounts_own_takes_the_place_of_the_shipped_ones" {
  command = apply
  variables {
    deployer_policies = false
    apply_policy_arns = ["arn:aws:iam::123456789012:policy/deployer"]
  }

  assert {
    condition     = alltrue([for key in keys(aws_iam_role_policy_attachment.shipped) : startswith(key, "plan/")]) && length(aws_iam_role_policy_attachment.apply) == 1
    error_message = "the applying role has the given policy only"
  }
}

run "nothing_that_an_account_has_once_collides_with_another_regions" {
  command = apply
  variables {
    name               = "a-name-of-21-letters1"
    region             = "ap-southeast-1"
    make_oidc_provider = false
  }

  assert {
    condition     = toset(values(aws_iam_role.pipeline)[*].name) == toset(["a-name-of-21-letters1-pipeline-apply-ap-southeast-1", "a-name-of-21-letters1-pipeline-plan-ap-southeast-1"])
    error_message = "the pipeline's roles name the Region"
  }

  assert {
    condition     = alltrue([for name in concat(values(aws_iam_policy.pipeline)[*].name, [aws_iam_role.api_logs[0].name, aws_s3_bucket.state.bucket]) : endswith(name, "-ap-southeast-1")])
    error_message = "so do policies, the role for logs, and the bucket"
  }

  assert {
    condition     = alltrue([for name in concat(values(aws_iam_role.pipeline)[*].name, [aws_iam_role.api_logs[0].name]) : length(name) <= 64]) && length(aws_s3_bucket.state.bucket) <= 63 && alltrue([for policy in aws_iam_policy.pipeline : length(policy.name) <= 128])
    error_message = "the longest name fits with the longest Region: 64 characters a role, 63 a bucket, 128 a policy"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && jsondecode(aws_iam_role.pipeline["plan"].assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "the account's one OIDC provider is taken as it is, and trusted"
  }
}

run "roles_from_before_keep_their_names" {
  command = apply
  variables {
    region_in_role_names = false
  }

  assert {
    condition     = toset(values(aws_iam_role.pipeline)[*].name) == toset(["tokenvault-pipeline-apply", "tokenvault-pipeline-plan"]) && alltrue([for key, policy in aws_iam_policy.pipeline : policy.name == "tokenvault-pipeline-${key}"])
    error_message = "without the Region nothing is replaced"
  }
}

run "the_applying_role_changes_no_regions_pipeline" {
  command = apply

  assert {
    condition     = contains(one([for statement in jsondecode(aws_iam_role_policy.apply.policy).Statement : statement if statement.Sid == "ChangesNoRoleOrPolicyOfThePipeline"]).Resource, "arn:aws:iam::123456789012:role/tokenvault-pipeline-*")
    error_message = "roles of both forms, and of all Regions, are denied to it"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_kms_key.state.policy).Statement : statement if statement.Effect == "Deny"]).Condition.ArnLike["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/*-pipeline-apply*", "arn:aws:iam::123456789012:role/*-pipeline-plan*"]
    error_message = "a state's key refuses the pipelines of all stacks and Regions"
  }
}

run "refuses_a_name_that_the_stack_refuses" {
  command = plan
  variables {
    name = "a-name-of-22-letters-1"
  }
  expect_failures = [var.name]
}

run "refuses_a_region_that_is_none" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "refuses_a_region_that_makes_names_of_roles_too_long" {
  command = plan
  variables {
    region = "eu-northnorthwestsouth-100"
  }
  expect_failures = [var.region]
}

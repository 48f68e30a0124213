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
}

variables {
  region            = "us-east-1"
  repository        = "example/deployment"
  apply_policy_arns = ["arn:aws:iam::123456789012:policy/deployer"]
}

run "only_the_protected_environment_applies" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["apply"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/deployment:environment:production"
    error_message = "the applying role trusts the environment, whatever the branch"
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipeline["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/deployment:pull_request"
    error_message = "the planning role trusts pull requests"
  }

  assert {
    condition     = strcontains(output.backend, "use_lockfile = true") && strcontains(output.backend, "tokenvault-state-123456789012-us-east-1")
    error_message = "the backend names the bucket, and locks"
  }
}

run "refuses_a_repository_without_an_owner" {
  command = plan
  variables {
    repository = "deployment"
  }
  expect_failures = [var.repository]
}

run "refuses_an_environment_that_could_match_others" {
  command = plan
  variables {
    environment = "*"
  }
  expect_failures = [var.environment]
}

run "refuses_an_applying_role_without_a_policy" {
  command = plan
  variables {
    apply_policy_arns = []
  }
  expect_failures = [var.apply_policy_arns]
}

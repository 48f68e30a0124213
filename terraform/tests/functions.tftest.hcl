# modules/functions, offline.

mock_provider "aws" {}

variables {
  name        = "tokenvault"
  partition   = "aws"
  account     = "123456789012"
  regions     = ["eu-central-1"]
  role_region = "eu-central-1"
  vault_id    = "payments"
  tables      = { for name in ["vault", "keys", "policy", "audit", "subjects", "idempotency", "budgets"] : name => "tokenvault-${name}" }
  key_ids     = { for name in ["vault", "index", "hmac", "receipts", "audit"] : name => "mrk-${name}" }
}

run "the_tokenizing_function_does_not_say_whose_records_are_cleaned_up" {
  command = apply

  module {
    source = "./modules/functions"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["tokenize"].policy).Statement : statement.Condition
      if try(endswith(statement.Resource[0], "table/tokenvault-subjects"), false)
    ] == [{ "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["*#*"] } }]
    error_message = "The tokenizing function touches items of persons only."
  }
}

run "only_maintenance_looks_for_what_expired" {
  command = apply

  module {
    source = "./modules/functions"
  }

  assert {
    condition = [
      for name, policy in aws_iam_role_policy.this : name
      if anytrue(flatten([for statement in jsondecode(policy.policy).Statement : [for arn in statement.Resource : endswith(arn, "/index/by_expiry")]]))
    ] == ["maintain"]
    error_message = "no other role may query the index of the records that expire"
  }
}

run "only_maintenance_lists_records_and_reads_none" {
  command = apply

  module {
    source = "./modules/functions"
  }

  assert {
    condition = [
      for name, policy in aws_iam_role_policy.this : name
      if anytrue([for statement in jsondecode(policy.policy).Statement : contains(statement.Action, "dynamodb:Scan")])
    ] == ["maintain"]
    error_message = "a role that opens records may not list them"
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["reveal"].policy, "GenerateMac") && !strcontains(aws_iam_role_policy.this["reveal"].policy, "prf-key")
    error_message = "a role that opens records derives no tokens"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["maintain"].policy).Statement : statement.Condition
      if contains(statement.Action, "dynamodb:Scan")
      ] == [{
        StringEquals                = { "dynamodb:Select" = "SPECIFIC_ATTRIBUTES" }
        "ForAllValues:StringEquals" = { "dynamodb:Attributes" = ["pk", "sk", "*amzn-ddb-map-desc*"] }
    }]
    error_message = "who lists records sees which there are and what version each names, and nothing else"
  }
}

run "where_a_client_exports_the_revealing_function_lists_names_of_records" {
  command = apply

  module {
    source = "./modules/functions"
  }

  variables {
    exports = true
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["reveal"].policy).Statement : statement
      if contains(statement.Action, "dynamodb:Scan")
      ] == [{
        Effect   = "Allow"
        Action   = ["dynamodb:Scan"]
        Resource = ["arn:aws:dynamodb:eu-central-1:123456789012:table/tokenvault-vault"]
        Condition = {
          StringEquals                = { "dynamodb:Select" = "SPECIFIC_ATTRIBUTES" }
          "ForAllValues:StringEquals" = { "dynamodb:Attributes" = ["pk", "sk", "*amzn-ddb-map-desc*"] }
        }
    }]
    error_message = "an export lists which records there are, and reads each by its key"
  }

  assert {
    condition = [
      for name, policy in aws_iam_role_policy.this : name
      if anytrue([for statement in jsondecode(policy.policy).Statement : contains(statement.Action, "dynamodb:Scan")])
    ] == ["maintain", "reveal"]
    error_message = "the tokenizing function lists nothing, whoever exports"
  }
}

run "where_a_type_has_another_prf_key_the_revealing_function_derives" {
  command = apply

  module {
    source = "./modules/functions"
  }

  variables {
    retokenizes = true
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["reveal"].policy).Statement : [statement.Action, statement.Condition]
      if contains(statement.Action, "kms:Decrypt") && strcontains(jsonencode(try(statement.Condition, {})), "\"prf-key\"")
    ] == [[["kms:Decrypt"], { StringEquals = { "kms:EncryptionContext:vault" = "payments", "kms:EncryptionContext:purpose" = "prf-key" } }]]
    error_message = "it unwraps PRF keys of this vault"
  }

  assert {
    condition     = anytrue([for statement in jsondecode(aws_iam_role_policy.this["reveal"].policy).Statement : contains(statement.Action, "kms:GenerateMac")])
    error_message = "it asks for MACs"
  }

  assert {
    condition     = !anytrue([for statement in jsondecode(aws_iam_role_policy.this["reveal"].policy).Statement : contains(statement.Action, "dynamodb:Scan")])
    error_message = "it lists nothing all the same"
  }
}

run "the_same_stack_in_another_region_has_other_roles" {
  command = apply

  module {
    source = "./modules/functions"
  }

  assert {
    condition     = output.role_names.tokenize == "tokenvault-tokenize-eu-central-1"
    error_message = "roles are global, so the Region is in their names"
  }
}

run "a_stack_from_before_keeps_its_roles" {
  command = apply

  module {
    source = "./modules/functions"
  }

  variables {
    role_region = null
  }

  assert {
    condition     = output.role_names.tokenize == "tokenvault-tokenize"
    error_message = "the names that roles had before are to be had"
  }
}

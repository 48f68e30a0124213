# modules/functions, offline.

mock_provider "aws" {}

run "the_tokenizing_function_does_not_say_whose_records_are_cleaned_up" {
  command = apply

  module {
    source = "./modules/functions"
  }

  variables {
    name      = "tokenvault"
    partition = "aws"
    account   = "123456789012"
    regions   = ["eu-central-1"]
    vault_id  = "payments"
    tables    = { for name in ["vault", "keys", "policy", "audit", "subjects", "idempotency", "budgets"] : name => "tokenvault-${name}" }
    key_ids   = { for name in ["vault", "index", "hmac", "receipts", "audit"] : name => "mrk-${name}" }
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["tokenize"].policy).Statement : statement.Condition
      if try(endswith(statement.Resource[0], "table/tokenvault-subjects"), false)
    ] == [{ "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["*#*"] } }]
    error_message = "The tokenizing function touches items of persons only."
  }
}

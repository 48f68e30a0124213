# modules/in_vpc, offline. The first run is the example of its README.

mock_provider "aws" {}

run "readme_example" {
  command = apply

  module {
    source = "./modules/in_vpc"
  }

  variables {
    role_name     = "tokenvault-tokenize-eu-central-1"
    function_arns = ["arn:aws:lambda:eu-central-1:123456789012:function:tokenvault-tokenize-eu-central-1"]
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Effect] == ["Allow", "Deny"]
    error_message = "Lambda may, and something may not"
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.this.policy).Statement[0].Action) == toset(jsondecode(aws_iam_role_policy.this.policy).Statement[1].Action) && jsondecode(aws_iam_role_policy.this.policy).Statement[1].Condition == { ArnEquals = { "lambda:SourceFunctionArn" = ["arn:aws:lambda:eu-central-1:123456789012:function:tokenvault-tokenize-eu-central-1"] } }
    error_message = "the function's code is denied each action that Lambda is allowed"
  }
}

# modules/keys, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
  }
}

mock_provider "aws" {
  alias = "replica"

  mock_resource "aws_kms_replica_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000000", key_id = "mrk-00000000000000000000000000000000" }
  }
}

run "readme_example" {
  command = apply

  module {
    source = "./modules/keys"
  }

  variables {
    name               = "tokenvault"
    vault_id           = "payments"
    partition          = "aws"
    account            = "123456789012"
    administrator_arns = ["arn:aws:iam::123456789012:role/key-administrators"]
    rotation_days      = 180
    replicate          = true

    roles = {
      tokenize = "arn:aws:iam::123456789012:role/tokenvault-tokenize"
      reveal   = "arn:aws:iam::123456789012:role/tokenvault-reveal"
      maintain = "arn:aws:iam::123456789012:role/tokenvault-maintain"
    }

    replica_roles = {
      tokenize = "arn:aws:iam::123456789012:role/tokenvault-tokenize-eu-west-1"
      reveal   = "arn:aws:iam::123456789012:role/tokenvault-reveal-eu-west-1"
      maintain = "arn:aws:iam::123456789012:role/tokenvault-maintain-eu-west-1"
    }
  }

  assert {
    condition     = toset(keys(aws_kms_replica_key.this)) == toset(keys(aws_kms_key.this)) && alltrue([for key in values(aws_kms_key.this) : key.multi_region])
    error_message = "every key is in both Regions"
  }

  assert {
    condition     = alltrue([for name, key in aws_kms_key.this : key.enable_key_rotation == !contains(["hmac", "receipts"], name)])
    error_message = "all keys rotate that can"
  }

  assert {
    condition = alltrue([for key in values(aws_kms_key.this) : [
      for statement in jsondecode(key.policy).Statement : statement.Principal.AWS if strcontains(statement.Sid, "Administrators")
    ] == [["arn:aws:iam::123456789012:role/key-administrators"]]])
    error_message = "the administrators, and nobody else, manage every key"
  }

  assert {
    condition = !anytrue(flatten([for key in values(aws_kms_key.this) : [
      for statement in jsondecode(key.policy).Statement : [
        for action in ["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Sign", "kms:GenerateMac"] : contains(flatten([statement.Action]), action)
      ] if strcontains(statement.Sid, "Administrators")
    ]]))
    error_message = "administrators use no key, and hand no use of one on"
  }

  assert {
    condition = alltrue([for key in [aws_kms_key.this["vault"], aws_kms_replica_key.this["vault"]] : toset([for statement in jsondecode(key.policy).Statement : statement.Principal.AWS if statement.Effect == "Deny"]) == toset([
      "arn:aws:iam::123456789012:role/tokenvault-tokenize", "arn:aws:iam::123456789012:role/tokenvault-tokenize-eu-west-1"
    ])])
    error_message = "the tokenizing roles of both Regions are denied the vault KEK in both"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_replica_key.this["hmac"].policy).Statement : statement.Principal.AWS if strcontains(statement.Sid, "Derives")] == ["arn:aws:iam::123456789012:role/tokenvault-tokenize-eu-west-1"]
    error_message = "a replica is for the functions of its own Region"
  }

  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this["tables"].policy).Statement :
      length(setsubtract(["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"], statement.Action)) == 0
      if startswith(statement.Sid, "DynamoDB")
    ])
    error_message = "DynamoDB gets the least that it needs of a customer managed key, and no star"
  }

  assert {
    condition     = output.replica_arns.tables == "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000000"
    error_message = "replicas of tables have a key of their Region"
  }
}

variables {
  name      = "tokenvault"
  vault_id  = "payments"
  partition = "aws"
  account   = "123456789012"

  roles = {
    tokenize = "arn:aws:iam::123456789012:role/tokenvault-tokenize"
    reveal   = "arn:aws:iam::123456789012:role/tokenvault-reveal"
    maintain = "arn:aws:iam::123456789012:role/tokenvault-maintain"
  }
}

run "one_region_by_default" {
  command = plan

  module {
    source = "./modules/keys"
  }

  assert {
    condition     = length(aws_kms_replica_key.this) == 0 && aws_kms_key.this["vault"].deletion_window_in_days == 30
    error_message = "no replicas, and the longest window"
  }

  assert {
    condition     = !strcontains(aws_kms_key.this["hmac"].policy, "tokenvault-reveal")
    error_message = "the revealing function derives nothing"
  }
}

run "only_where_a_type_has_another_prf_key_may_the_revealing_function_derive" {
  command = plan

  module {
    source = "./modules/keys"
  }

  variables {
    retokenizes = true
  }

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this["index"].policy).Statement : statement.Condition.StringEquals["kms:EncryptionContext:purpose"]
      if try(statement.Principal.AWS, "") == "arn:aws:iam::123456789012:role/tokenvault-reveal"
    ] == ["tokenizing-bundle", "prf-key"]
    error_message = "it unwraps bundles, and PRF keys besides"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this["hmac"].policy).Statement : statement.Action
      if try(statement.Principal.AWS, "") == "arn:aws:iam::123456789012:role/tokenvault-reveal"
    ] == ["kms:GenerateMac"]
    error_message = "it asks for MACs"
  }
}

run "refuses_what_is_none" {
  command = plan

  module {
    source = "./modules/keys"
  }

  variables {
    administrator_arns   = ["*"]
    deletion_window_days = 1
    rotation_days        = 30
  }

  expect_failures = [var.administrator_arns, var.deletion_window_days, var.rotation_days]
}

run "refuses_a_function_that_administers_its_keys" {
  command = plan

  module {
    source = "./modules/keys"
  }

  variables {
    administrator_arns = ["arn:aws:iam::123456789012:role/tokenvault-reveal"]
  }

  expect_failures = [var.administrator_arns]
}

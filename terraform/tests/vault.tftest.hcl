# modules/vault, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/mocked" }
  }
}

mock_provider "aws" {
  alias = "replica"

  mock_resource "aws_dynamodb_table_replica" {
    defaults = { arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/mocked" }
  }
}

run "readme_example" {
  command = apply

  module {
    source = "./modules/vault"
  }

  variables {
    name        = "tokenvault"
    partition   = "aws"
    account     = "123456789012"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000"
    table_class = "STANDARD_INFREQUENT_ACCESS"
    capacity    = { read_max = 2000, write_max = 1000 }
    replica     = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000000" }

    access = {
      role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"]
      only_from = { key = "aws:SourceVpce", id = "vpce-00000000" }
    }

    replica_access = {
      role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize-eu-west-1"]
      only_from = { key = "aws:SourceVpce", id = "vpce-00000001" }
    }
  }

  assert {
    condition     = alltrue([for table in values(aws_dynamodb_table.this) : table.billing_mode == "PROVISIONED" && table.table_class == "STANDARD_INFREQUENT_ACCESS" && table.deletion_protection_enabled]) && alltrue(values(aws_dynamodb_table_replica.this)[*].deletion_protection_enabled)
    error_message = "every table has the class, the capacity and the protection"
  }

  assert {
    condition     = toset(keys(aws_dynamodb_table_replica.this)) == toset(["vault", "subjects", "keys", "policy"])
    error_message = "what makes or opens tokens is replicated; audit, budgets and idempotency are a Region's own"
  }

  assert {
    condition     = alltrue([for name, table in aws_dynamodb_table.this : table.stream_view_type == "NEW_AND_OLD_IMAGES" if contains(keys(aws_dynamodb_table_replica.this), name)])
    error_message = "replication reads streams with both images"
  }

  assert {
    condition     = one(aws_dynamodb_table.this["subjects"].ttl).attribute_name == "ttl" && !one(aws_dynamodb_table.this["subjects"].point_in_time_recovery).enabled
    error_message = "short-lived secrets go by themselves, and leave no backup"
  }

  assert {
    condition     = !aws_dynamodb_table_replica.this["subjects"].point_in_time_recovery && aws_dynamodb_table_replica.this["vault"].point_in_time_recovery
    error_message = "the secrets of persons have no backup in the second Region either"
  }

  assert {
    condition     = length(aws_appautoscaling_policy.this) == 18 && length(aws_appautoscaling_policy.replica) == 12
    error_message = "reads and writes of seven tables and the two indexes are scaled, and those of the replicas"
  }

  assert {
    condition     = alltrue([for policy in [aws_dynamodb_resource_policy.this["vault"].policy, aws_dynamodb_resource_policy.replica["vault"].policy] : toset([for arn in jsondecode(policy).Statement[0].Resource : basename(arn)]) == toset(["by_expiry", "by_subject", "mocked"])])
    error_message = "both indexes are bound with their table, in the second Region too"
  }

  assert {
    condition     = toset(keys(aws_dynamodb_resource_policy.this)) == toset(["vault", "keys", "audit", "subjects", "idempotency", "budgets"])
    error_message = "every table but the policy's, which Terraform writes, is bound to the functions"
  }

  assert {
    condition     = jsondecode(aws_dynamodb_resource_policy.this["vault"].policy).Statement[1].Condition.StringNotEquals == { "aws:SourceVpce" = "vpce-00000000" }
    error_message = "the functions come through the endpoint"
  }

  assert {
    condition     = jsondecode(aws_dynamodb_resource_policy.replica["vault"].policy).Statement[1].Condition == { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/tokenvault-tokenize-eu-west-1"] }, StringNotEquals = { "aws:SourceVpce" = "vpce-00000001" } }
    error_message = "those of the second Region come to its replica through an endpoint of their own"
  }
}

variables {
  name        = "tokenvault"
  partition   = "aws"
  account     = "123456789012"
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000"
  access      = { role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"] }
}

run "a_region_with_replicas_has_the_other_tables_of_its_own" {
  command = plan

  module {
    source = "./modules/vault"
  }

  variables {
    only_unreplicated = true
    capacity          = { read_max = 100, write_max = 100 }
  }

  assert {
    condition     = toset(keys(aws_dynamodb_table.this)) == toset(["audit", "idempotency", "budgets"]) && length(aws_appautoscaling_target.this) == 6
    error_message = "what is on record, counted or remembered stays in its Region; there are no indexes to scale"
  }
}

run "on_demand_and_alone_by_default" {
  command = plan

  module {
    source = "./modules/vault"
  }

  assert {
    condition     = alltrue([for table in values(aws_dynamodb_table.this) : table.billing_mode == "PAY_PER_REQUEST" && table.table_class == "STANDARD"])
    error_message = "tables are paid by the request"
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) + length(aws_dynamodb_table_replica.this) == 0
    error_message = "nothing is scaled and nothing replicated"
  }

  assert {
    condition     = { for name, table in aws_dynamodb_table.this : name => table.stream_view_type if table.stream_enabled } == { audit = "NEW_IMAGE" }
    error_message = "only the audit table is streamed"
  }
}

run "refuses_what_is_none" {
  command = plan

  module {
    source = "./modules/vault"
  }

  variables {
    table_class = "GLACIER"
    capacity    = { read_min = 10, read_max = 5, write_max = 10 }
    access      = { role_arns = ["*"] }
  }

  expect_failures = [var.table_class, var.capacity, var.access]
}

run "refuses_to_use_all_and_to_let_all_ways" {
  command = plan

  module {
    source = "./modules/vault"
  }

  variables {
    capacity = { read_max = 10, write_max = 10, target_percent = 100 }
    access   = { role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"], only_from = { key = "aws:SourceIp", id = "192.0.2.1" } }
  }

  expect_failures = [var.capacity, var.access]
}

run "a_restored_table_keeps_its_own_name" {
  command = plan

  module {
    source = "./modules/vault"
  }

  variables {
    name        = "tokenvault"
    partition   = "aws"
    account     = "123456789012"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000"
    capacity    = { read_max = 2000, write_max = 1000 }
    restored    = { vault = "tokenvault-vault-restored" }
    access      = { role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"] }
  }

  assert {
    condition     = aws_dynamodb_table.this["vault"].name == "tokenvault-vault-restored" && aws_dynamodb_table.this["keys"].name == "tokenvault-keys"
    error_message = "a table has the name that it was restored under"
  }

  assert {
    condition     = alltrue([for index in ["by_subject", "by_expiry"] : aws_appautoscaling_target.this["${index}/write"].resource_id == "table/tokenvault-vault-restored/index/${index}"])
    error_message = "and is scaled under it"
  }
}

run "the_protection_of_replicas_comes_off_alone" {
  command = plan

  module {
    source = "./modules/vault"
  }

  variables {
    name        = "tokenvault"
    partition   = "aws"
    account     = "123456789012"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mrk-00000000000000000000000000000000"
    replica     = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-00000000000000000000000000000000", deletion_protection = false }

    access = { role_arns = ["arn:aws:iam::123456789012:role/tokenvault-tokenize"] }
  }

  assert {
    condition     = !anytrue(values(aws_dynamodb_table_replica.this)[*].deletion_protection_enabled) && alltrue(values(aws_dynamodb_table.this)[*].deletion_protection_enabled)
    error_message = "a Region that is taken out leaves the tables of the other protected"
  }
}

# What the root's variables refuse of how the stack is run: functions, alarms, archive, backups, addresses. Without the
# rest of the root, as in variables.tftest.hcl.

variables {
  region     = "us-east-1"
  vault_id   = "test-vault"
  info_types = { card_number = {} }
  tenants    = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"] } } } }
}

run "refuses_pages_where_callers_show_certificates" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example"]
    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }
  }
  expect_failures = [var.domain]
}

run "refuses_access_tokens_that_outlast_a_sign_in" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    access_token_minutes = 61
    tenants = { shop = { clients = {
      checkout = { actions = ["tokenize"], types = ["*"] }
      desk     = { kind = "browser", actions = ["detokenize.masked"], types = ["*"], session_hours = 1 }
    } } }
  }
  expect_failures = [var.access_token_minutes]
}

run "refuses_protection_of_a_region_that_is_not_there" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    replica_deletion_protection = false
  }
  expect_failures = [var.replica_deletion_protection]
}

run "takes_access_tokens_as_long_as_a_sign_in" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    access_token_minutes = 60
    tenants = { shop = { clients = {
      checkout = { actions = ["tokenize"], types = ["*"], session_hours = 1 }
      desk     = { kind = "browser", actions = ["detokenize.masked"], types = ["*"], session_hours = 1 }
    } } }
  }
}

run "refuses_a_share_for_the_archiver" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rollout = { archive = { stable_version = "6", new_share = 0.1 } }
  }
  expect_failures = [var.rollout]
}

run "refuses_more_than_all" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rollout = { tokenize = { stable_version = "6", new_share = 10 } }
  }
  expect_failures = [var.rollout]
}

run "refuses_a_latest_that_moves" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rollout = { tokenize = { stable_version = "$LATEST", new_share = 0.1 } }
  }
  expect_failures = [var.rollout]
}

run "refuses_to_stop_a_function" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    concurrency = { reveal = { reserved = 0 } }
  }
  expect_failures = [var.concurrency]
}

run "refuses_more_warm_than_reserved" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    concurrency = { reveal = { reserved = 2, provisioned = 3 } }
  }
  expect_failures = [var.concurrency]
}

run "refuses_a_short_archive" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    audit_archive = { retention_days = 90 }
  }
  expect_failures = [var.audit_archive]
}

run "refuses_an_unknown_lock" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    audit_archive = { mode = "LOCKED" }
  }
  expect_failures = [var.audit_archive]
}

run "refuses_an_archive_that_goes_before_its_lock" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    audit_archive = { expire_after_days = 399 }
  }
  expect_failures = [var.audit_archive]
}

run "refuses_everybody_as_a_reader" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    audit_archive = { reader_arns = ["*"] }
  }
  expect_failures = [var.audit_archive]
}

run "refuses_an_address_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarms = { emails = ["oncall"] }
  }
  expect_failures = [var.alarms]
}

run "refuses_a_pager_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarms = { pager_arns = ["oncall"] }
  }
  expect_failures = [var.alarms]
}

run "refuses_to_be_told_of_no_error" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarms = { error_percent = 100 }
  }
  expect_failures = [var.alarms]
}

run "refuses_a_lag_longer_than_the_stream_waits" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarms = { archive_lag_s = 86400 }
  }
  expect_failures = [var.alarms]
}

run "refuses_to_trace_more_than_all" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    traced_share = 5
  }
  expect_failures = [var.traced_share]
}

run "refuses_backups_without_a_schedule" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    backup = { schedule = "daily" }
  }
  expect_failures = [var.backup]
}

run "refuses_backups_that_go_at_once" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    backup = { keep_days = 0 }
  }
  expect_failures = [var.backup]
}

run "refuses_to_restore_the_secrets_of_persons" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    restored_tables = { subjects = "tokenvault-subjects-restored" }
  }
  expect_failures = [var.restored_tables]
}

run "refuses_one_table_for_two" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    restored_tables = { vault = "restored", keys = "restored" }
  }
  expect_failures = [var.restored_tables]
}

run "refuses_mutual_tls_on_a_private_api_and_one_region_twice" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    replica_region = "us-east-1"
    network        = { existing = { vpc_id = "main", subnet_ids = ["subnet-00000001"], security_group_ids = [] } }
    api            = { private_endpoint_ids = ["vpce-00000001"] }

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }
  }

  expect_failures = [var.domain, var.replica_region, var.network]
}

run "refuses_ranges_and_roles_that_are_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api               = { allowed_cidrs = ["everywhere"], private_endpoint_ids = ["vpce-00000001"] }
    table_access_arns = ["*"]
  }

  expect_failures = [var.api, var.table_access_arns]
}

run "refuses_old_tls" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api = { security_policy = "TLS_1_0" }
  }

  expect_failures = [var.api]
}

run "refuses_an_unknown_access_mode" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api = { endpoint_access_mode = "OPEN" }
  }

  expect_failures = [var.api]
}

run "refuses_an_enhanced_policy_beside_mutual_tls" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
      security_policy    = "SecurityPolicy_TLS13_1_3_2025_09"
    }
  }

  expect_failures = [var.domain]
}

run "refuses_a_second_region_that_lets_in_who_has_no_certificate" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    replica_region = "us-west-2"
    replica_serves = true

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    }
  }

  expect_failures = [var.replica_serves]
}

run "refuses_a_rotation_that_never_comes_to_an_end" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rotation = { items_per_second = 0 }
  }
  expect_failures = [var.rotation]
}

run "refuses_a_rotation_that_begins_before_the_last_one_ended" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rotation = { every_days = 1 }
  }
  expect_failures = [var.rotation]
}

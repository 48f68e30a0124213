# What the root's variables refuse. They are tested without the rest of the root, since each run of that starts the
# provider and plans two hundred resources; `variables/` holds the same file. What they refuse of how the stack is run
# has operation.tftest.hcl; refusals that need the root are in lambda.tftest.hcl.

variables {
  region   = "us-east-1"
  vault_id = "test-vault"

  info_types = {
    card_number = { options = { keep_last = 4 } }
    note        = { format = "text", default_ttl_seconds = 60, max_ttl_seconds = 3600 }
  }

  tenants = {
    shop = {
      canaries = ["9490532698211111"]
      clients = {
        checkout   = { actions = ["tokenize", "read"], types = ["card_number"] }
        settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], reveals_per_hour = 100 }
      }
    }
  }
}

run "refuses_a_bad_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "Token_Vault"
  }
  expect_failures = [var.name]
}

run "refuses_a_name_that_cognito_does_not_take" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "lawscan" # "aws" is in it
  }
  expect_failures = [var.name]
}

run "refuses_a_bad_vault_id" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vault_id = "x"
  }
  expect_failures = [var.vault_id]
}

run "refuses_no_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = {}
    tenants    = {}
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_mode" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { mode = "sometimes" }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_prf_key_of_random_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { prf_key = 2 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_prf_key_that_is_no_number_of_one" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { mode = "deterministic", prf_key = 1.5 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_time_limit_on_deterministic_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { mode = "deterministic", default_ttl_seconds = 60 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_default_over_the_longest_time" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 61, max_ttl_seconds = 60 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_format_that_does_not_exist" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "fax" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_name_that_is_no_format" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = {} }
  }
  expect_failures = [var.info_types]
}

run "refuses_less_than_one_expected_token" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { expected_tokens = 0 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_verification_codes" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "card_verification_code" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_verification_codes_for_long" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "card_verification_code", default_ttl_seconds = 600, max_ttl_seconds = 2401 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_to_keep_less_than_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { options = { keep_last = -1 } }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_bin_of_seven_digits" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { options = { bin_digits = 7 } }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_the_fingerprint_of_a_note" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { options = { fingerprint = true } }, note = { format = "text", options = { brand = true } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_standard_number_without_a_scheme" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, company = { format = "standard_number" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_scheme_of_another_format" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, company = { format = "digits", options = { scheme = "br.cnpj" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_custom_format_without_an_alphabet" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { length = 8 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_custom_format_with_two_lengths" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 8, min_length = 6, max_length = 9 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_alphabet_of_card_numbers" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { options = { alphabet = "01" } }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_check_digit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 8, check_digit = "damm" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_an_unknown_action" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["decrypt"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_client_that_may_do_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = [], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_full_reveal_without_a_purpose" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_bad_purpose" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["Refund!"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_type_that_does_not_exist" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["iban"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_tenant_name_that_could_split_a_key" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { "shop#1" = { clients = { checkout = { actions = ["tokenize"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_budget_of_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], searches_per_hour = 0 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_word_for_whom_from_a_client_that_does_not_reveal" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"], on_behalf_of = true } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_exports_for_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { mover = { actions = ["export"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_exports_of_whoever_is_held_to_fields" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { mover = { actions = ["detokenize", "export"], types = ["*"], purposes = ["moving"], fields = ["expiry"] } } } }
  }
  expect_failures = [var.tenants]
}

run "takes_a_client_whose_exports_a_second_person_approves" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { mover = { actions = ["export"], types = ["*"], purposes = ["moving"], approval = { over_per_hour = 0 } }, officer = { actions = ["approve"], types = ["*"] } } } }
  }

  assert {
    condition     = var.tenants.shop.clients.mover.actions == tolist(["export"])
    error_message = "a client may export and do nothing else"
  }
}

run "refuses_approval_for_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = {} }, officer = { actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approval_over_less_than_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { over_per_hour = -1 } }, officer = { actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approvals_that_last_for_days" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { over_per_hour = 1, valid_seconds = 86401 } }, officer = { actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approval_for_a_type_that_there_is_not" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { types = ["nowhere"] } }, officer = { actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approval_without_anybody_to_approve" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { over_per_hour = 1 } } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approval_for_a_client_that_does_not_reveal" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"], approval = { over_per_hour = 1 } }, officer = { actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_half_a_reveal" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], reveals_per_hour = 1.5 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_short_deletion_window" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    key_deletion_window_days = 3
  }
  expect_failures = [var.key_deletion_window_days]
}

run "refuses_an_administrator_that_is_no_principal" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    key_administrator_arns = ["*"]
  }
  expect_failures = [var.key_administrator_arns]
}

run "refuses_an_auditor_that_is_no_principal" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    auditor_arns = ["*"]
  }
  expect_failures = [var.auditor_arns]
}

run "refuses_a_cache_without_end" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    key_cache_seconds = 86400
  }
  expect_failures = [var.key_cache_seconds]
}

run "refuses_too_little_memory" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    memory_mb = { tokenize = 128 }
  }
  expect_failures = [var.memory_mb]
}

run "refuses_a_retention_that_cloudwatch_does_not_have" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    log_retention_days = 100
  }
  expect_failures = [var.log_retention_days]
}

run "refuses_a_client_that_names_no_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_client_with_an_empty_list_of_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = [] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_all_types_and_one_more" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*", "note"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_time_limit_of_no_calendar" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 1000000000000 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_longest_time_of_no_calendar" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 60, max_ttl_seconds = 3162240001 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_no_time" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 0 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_half_a_second" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", default_ttl_seconds = 1.5 } }
  }
  expect_failures = [var.info_types]
}

run "refuses_more_tokens_than_anybody_counts" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { expected_tokens = 1000000000001 }, note = { format = "text" } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_budget_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], searches_per_hour = 1000000000001 } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_length_that_no_token_has" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "custom", options = { alphabet = "0123456789", length = 1000000 } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_throttle_of_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], throttle = { burst = 0 } } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_three_api_keys" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], api_keys = ["a", "b", "c"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_one_api_key_twice" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], api_keys = ["a", "a"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_no_api_key" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], api_keys = [] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_an_api_key_that_could_split_an_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["search"], types = ["*"], api_keys = ["a/b"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_everybody" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["*"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_wildcard" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://*.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_no_origin" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["null"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_slash_at_the_end" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example/"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_path" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example/checkout"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://Shop.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_plain_http" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["http://shop.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_localhost_without_a_port" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["http://localhost"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_port_that_browsers_leave_out" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example:443"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_port_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example:70000"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_a_user" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://user@shop.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_an_origin_that_ends_a_line" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example\n"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_an_origin_twice" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example", "https://shop.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "refuses_too_many_origins" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = [for number in range(11) : "https://shop${number}.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "takes_origins_as_browsers_write_them" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    allowed_origins = ["https://shop.example", "https://shop.example:8443", "https://xn--bcher-kva.example", "https://intranet", "http://localhost:3000", "http://127.0.0.1:8080"]
  }
}

run "refuses_a_client_of_no_kind" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "person" } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_callback_in_the_clear" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "browser", callback_urls = ["http://desk.example/"] } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_callback_with_a_fragment" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "browser", callback_urls = ["https://desk.example/#done"] } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_people_who_ask_on_behalf_of_others" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["detokenize.masked"], types = ["*"], kind = "browser", on_behalf_of = true } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_group_of_types_that_are_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "browser" } }
        groups  = { support = { actions = ["read"], types = ["cards"] } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_group_that_reveals_for_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "browser" } }
        groups  = { support = { actions = ["detokenize"], types = ["*"] } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_group_with_an_unknown_action" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = {
      shop = {
        clients = { desk = { actions = ["read"], types = ["*"], kind = "browser" } }
        groups  = { support = { actions = ["reveal"], types = ["*"] } }
      }
    }
  }
  expect_failures = [var.tenants]
}

run "refuses_imported_tokens_of_deterministic_types" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { mode = "deterministic", imported_tokens = { pattern = "tok_[a-z]{8}" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_pattern_of_imported_tokens_that_no_path_takes" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = { imported_tokens = { pattern = "tok_[a-z/]{8}" } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_who_imports_and_tokenizes" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { mover = { actions = ["import", "tokenize"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_capture_sessions_of_people" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { page = { kind = "browser", actions = ["capture"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "takes_cards_and_a_client_held_to_a_field" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card = { options = { brand = true, fingerprint = true, mask_expiry = true } } }
    tenants    = { shop = { clients = { renewals = { actions = ["detokenize"], types = ["card"], purposes = ["renewal"], fields = ["expiry"] } } } }
  }
}

run "refuses_a_masked_expiry_of_a_note" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    info_types = { card_number = {}, note = { format = "text", options = { mask_expiry = true } } }
  }
  expect_failures = [var.info_types]
}

run "refuses_a_field_that_no_card_has" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { renewals = { actions = ["detokenize"], types = ["*"], purposes = ["renewal"], fields = ["cvv"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_a_client_held_to_no_field" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { renewals = { actions = ["detokenize"], types = ["*"], purposes = ["renewal"], fields = [] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_fields_of_who_reveals_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { checkout = { actions = ["tokenize"], types = ["*"], fields = ["expiry"] } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_approval_by_people_whom_no_group_lets_approve" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { over_per_hour = 1 } }, officer = { kind = "browser", actions = ["approve"], types = ["*"] } } } }
  }
  expect_failures = [var.tenants]
}

run "takes_a_group_of_people_who_approve" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = {
      clients = { settlement = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], approval = { over_per_hour = 1 } }, officer = { kind = "browser", actions = ["approve"], types = ["*"] } }
      groups  = { officers = { actions = ["approve"], types = ["*"] } }
    } }
  }

  assert {
    condition     = var.tenants.shop.groups.officers.actions == tolist(["approve"])
    error_message = "people may be the second person"
  }
}

run "takes_assertions_of_an_identity_provider" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { office = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJIJaxLjvmcVKrLffU/8hs2xahUHR\naD8KQOeRFaFCLNYJNxbLiFwc2kforpU/467b33XgIXTWZtuGaTTKd1S1Eg==\n-----END PUBLIC KEY-----\n" } } } } } }
  }

  assert {
    condition     = var.tenants.shop.clients.office.assertions.max_age_seconds == 300 && !var.tenants.shop.clients.office.assertions.required
    error_message = "five minutes, and reveals without one, unless it is said otherwise"
  }
}

run "refuses_a_private_key_for_assertions" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { office = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PRIVATE KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PRIVATE KEY-----\n" } } } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_old_assertions" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { office = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJIJaxLjvmcVKrLffU/8hs2xahUHR\naD8KQOeRFaFCLNYJNxbLiFwc2kforpU/467b33XgIXTWZtuGaTTKd1S1Eg==\n-----END PUBLIC KEY-----\n" }, max_age_seconds = 86400 } } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_assertions_of_people_who_sign_in" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { office = { actions = ["detokenize"], types = ["*"], purposes = ["refund"], kind = "browser", assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJIJaxLjvmcVKrLffU/8hs2xahUHR\naD8KQOeRFaFCLNYJNxbLiFwc2kforpU/467b33XgIXTWZtuGaTTKd1S1Eg==\n-----END PUBLIC KEY-----\n" } } } } } }
  }
  expect_failures = [var.tenants]
}

run "refuses_assertions_of_who_reveals_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tenants = { shop = { clients = { office = { actions = ["tokenize"], types = ["*"], assertions = { issuer = "https://login.shop.example", audience = "tokenvault", keys = { k = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJIJaxLjvmcVKrLffU/8hs2xahUHR\naD8KQOeRFaFCLNYJNxbLiFwc2kforpU/467b33XgIXTWZtuGaTTKd1S1Eg==\n-----END PUBLIC KEY-----\n" } } } } } }
  }
  expect_failures = [var.tenants]
}

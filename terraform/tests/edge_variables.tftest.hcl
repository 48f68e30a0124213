# What the variables of modules/edge refuse, without its resources: planning a firewall takes Terraform some twelve
# seconds, whatever is in it. `edge_variables/` holds the same file.

variables {
  name    = "tokenvault"
  account = "123456789012"
  api     = { id = "a1b2c3d4e5", stage = "live", stage_arn = "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3d4e5/stages/live" }
}

run "refuses_a_limit_for_all_and_a_private_key" {
  command = plan

  module {
    source = "./tests/edge_variables"
  }

  variables {
    firewall = { requests_per_address = 1 }

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"
    }
  }

  expect_failures = [var.firewall, var.domain]
}

run "refuses_to_block_the_world_and_an_address_for_a_domain" {
  command = plan

  module {
    source = "./tests/edge_variables"
  }

  variables {
    firewall = { blocked_cidrs = ["0.0.0.0/0"] }

    domain = {
      name               = "https://vault.example.com"
      certificate_arn    = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n"
    }
  }

  expect_failures = [var.firewall, var.domain]
}

run "refuses_the_name_of_a_country" {
  command = plan

  module {
    source = "./tests/edge_variables"
  }

  variables {
    firewall = { allowed_countries = ["Germany"] }
  }

  expect_failures = [var.firewall]
}

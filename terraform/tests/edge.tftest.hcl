# modules/edge, offline. The first run is the example of its README.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/mocked/00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_wafv2_ip_set" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/mocked/00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }
}

run "readme_example" {
  command = apply

  module {
    source = "./modules/edge"
  }

  variables {
    name                   = "tokenvault"
    account                = "123456789012"
    firewall               = { requests_per_address = 1000, blocked_cidrs = ["192.0.2.0/24"], allowed_countries = ["DE", "FR"] }
    firewall_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-tokenvault"

    api = {
      id        = "a1b2c3d4e5"
      stage     = "live"
      stage_arn = "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3d4e5/stages/live"
    }

    domain = {
      name               = "vault.example.com"
      certificate_arn    = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
      client_authorities = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n"
    }
  }

  assert {
    condition     = !anytrue(concat([for rule in aws_wafv2_web_acl.this[0].rule : rule.visibility_config[0].sampled_requests_enabled], [aws_wafv2_web_acl.this[0].visibility_config[0].sampled_requests_enabled]))
    error_message = "no request is sampled"
  }

  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this[0].rule : rule.name]) == toset(["blocked-addresses", "other-countries", "rate-by-address", "rate-by-api-key", "query-string", "body-size", "known-attackers", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"])
    error_message = "the rules are those meant"
  }

  assert {
    condition     = aws_api_gateway_domain_name.this[0].security_policy == "TLS_1_2" && endswith(aws_api_gateway_domain_name.this[0].mutual_tls_authentication[0].truststore_uri, "/client-authorities.pem")
    error_message = "clients show a certificate that the truststore knows"
  }

  assert {
    condition     = aws_s3_bucket_versioning.truststore[0].versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.truststore[0].force_destroy
    error_message = "the truststore has versions, and does not go by accident"
  }
}

variables {
  name                   = "tokenvault"
  account                = "123456789012"
  firewall_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-tokenvault"

  api = {
    id        = "a1b2c3d4e5"
    stage     = "live"
    stage_arn = "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3d4e5/stages/live"
  }
}

run "a_firewall_without_lists_and_no_domain_by_default" {
  command = plan

  module {
    source = "./modules/edge"
  }

  assert {
    condition     = length(aws_wafv2_ip_set.blocked) + length(aws_api_gateway_domain_name.this) + length(aws_s3_bucket.truststore) == 0
    error_message = "nothing is made that was not asked for"
  }
}

run "refuses_a_limit_for_all_and_a_private_key" {
  command = plan

  module {
    source = "./modules/edge"
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
    source = "./modules/edge"
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
    source = "./modules/edge"
  }

  variables {
    firewall = { allowed_countries = ["Germany"] }
  }

  expect_failures = [var.firewall]
}

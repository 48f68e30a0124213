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

run "a_firewall_leaves_a_single_origin_to_the_browser" {
  command = plan

  module {
    source = "./modules/edge"
  }

  variables {
    allowed_origins = ["https://shop.example"]
  }

  assert {
    condition     = !contains([for rule in aws_wafv2_web_acl.this[0].rule : rule.name], "other-origins")
    error_message = "API Gateway's own errors name the only origin, whoever asks"
  }
}

run "a_firewall_keeps_other_origins_than_several_out" {
  command = plan

  module {
    source = "./modules/edge"
  }

  variables {
    allowed_origins = ["https://shop.example", "https://office.example:8443"]
  }

  assert {
    condition = [for rule in aws_wafv2_web_acl.this[0].rule : {
      present = [for part in one(rule.statement).and_statement[0].statement : [part.size_constraint_statement[0].comparison_operator, part.size_constraint_statement[0].size, part.size_constraint_statement[0].field_to_match[0].single_header[0].name] if length(part.size_constraint_statement) > 0]
      listed  = flatten([for part in one(rule.statement).and_statement[0].statement : [for match in part.not_statement[0].statement[0].or_statement[0].statement : [match.byte_match_statement[0].positional_constraint, match.byte_match_statement[0].search_string, match.byte_match_statement[0].field_to_match[0].single_header[0].name]] if length(part.not_statement) > 0])
      blocks  = length(rule.action[0].block) == 1
      } if rule.name == "other-origins"] == [{
      present = [["GT", 0, "origin"]]
      listed  = ["EXACTLY", "https://shop.example", "origin", "EXACTLY", "https://office.example:8443", "origin"]
      blocks  = true
    }]
    error_message = "whoever names an origin names one of them, as a whole"
  }
}

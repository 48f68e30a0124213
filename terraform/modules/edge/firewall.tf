# The firewall sees whole requests, so it is kept from what it must not: managed rules look at requests without a
# body only, nothing is sampled, and logs hold neither bodies nor paths, tokens or API keys.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.name
  prefix = "${var.name}-${local.region}"

  # Both inspect bodies, in rules that cannot be left out but only counted, and what matches is logged in parts.
  # https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
  managed = { AWSManagedRulesCommonRuleSet = 30, AWSManagedRulesKnownBadInputsRuleSet = 31 }

  # What logs must not show, besides the body: what opens doors, and a token.
  secret_headers = ["authorization", "x-api-key", "page-cursor"]
}

resource "aws_wafv2_ip_set" "blocked" {
  count = var.firewall == null ? 0 : length(var.firewall.blocked_cidrs) > 0 ? 1 : 0

  name               = "${local.prefix}-blocked"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = var.firewall.blocked_cidrs
}

resource "aws_wafv2_web_acl" "this" {
  count = var.firewall == null ? 0 : 1

  name        = local.prefix
  description = "In front of the API of ${var.name}."
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = aws_wafv2_ip_set.blocked

    content {
      name     = "blocked-addresses"
      priority = 0

      action {
        block {}
      }

      statement {
        ip_set_reference_statement {
          arn = rule.value.arn
        }
      }

      visibility_config {
        metric_name                = "blocked-addresses"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.firewall.allowed_countries) > 0 ? [var.firewall.allowed_countries] : []

    content {
      name     = "other-countries"
      priority = 1

      action {
        block {}
      }

      statement {
        not_statement {
          statement {
            geo_match_statement {
              country_codes = rule.value
            }
          }
        }
      }

      visibility_config {
        metric_name                = "other-countries"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  # API Gateway's own errors repeat the origin of the request where several are allowed (modules/regional/cors.tf), so
  # no other gets that far. Programs that are no browsers send no Origin.
  dynamic "rule" {
    for_each = length(var.allowed_origins) > 1 ? [var.allowed_origins] : []

    content {
      name     = "other-origins"
      priority = 2

      action {
        block {}
      }

      statement {
        and_statement {
          statement {
            size_constraint_statement {
              comparison_operator = "GT"
              size                = 0

              field_to_match {
                single_header {
                  name = "origin"
                }
              }

              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }

          statement {
            not_statement {
              statement {
                or_statement {
                  dynamic "statement" {
                    for_each = rule.value

                    content {
                      byte_match_statement {
                        positional_constraint = "EXACTLY"
                        search_string         = statement.value

                        field_to_match {
                          single_header {
                            name = "origin"
                          }
                        }

                        text_transformation {
                          priority = 0
                          type     = "NONE"
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "other-origins"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  rule {
    name     = "rate-by-address"
    priority = 10

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = var.firewall.requests_per_address
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      metric_name                = "rate-by-address"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  # A client behind many addresses. Requests without the header are not counted here; API Gateway refuses them.
  rule {
    name     = "rate-by-api-key"
    priority = 11

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = var.firewall.requests_per_api_key
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"

        custom_key {
          header {
            name = "x-api-key"

            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
      }
    }

    visibility_config {
      metric_name                = "rate-by-api-key"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  # No route takes a query string: values and tokens must not come in URLs.
  rule {
    name     = "query-string"
    priority = 20

    action {
      block {}
    }

    statement {
      size_constraint_statement {
        comparison_operator = "GT"
        size                = 0

        field_to_match {
          query_string {}
        }

        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }

    visibility_config {
      metric_name                = "query-string"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  # A megabyte or more, by the length it states: the service takes 960 KB, and WAF sees only the first 16 of a body.
  rule {
    name     = "body-size"
    priority = 21

    action {
      block {}
    }

    statement {
      regex_match_statement {
        regex_string = "^[0-9]{7,}$"

        field_to_match {
          single_header {
            name = "content-length"
          }
        }

        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }

    visibility_config {
      metric_name                = "body-size"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  rule {
    name     = "known-attackers"
    priority = 22

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAmazonIpReputationList"
      }
    }

    visibility_config {
      metric_name                = "known-attackers"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          # Requests with a body never get here.
          scope_down_statement {
            not_statement {
              statement {
                size_constraint_statement {
                  comparison_operator = "GT"
                  size                = 0

                  field_to_match {
                    body {
                      oversize_handling = "MATCH"
                    }
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = rule.key
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  # Wherever WAF hands data on: logs, sampled requests, and what a rule says of a match.
  data_protection_config {
    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "BODY"
      }
    }

    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "QUERY_STRING"
      }
    }

    dynamic "data_protection" {
      for_each = local.secret_headers

      content {
        action = "SUBSTITUTION"

        field {
          field_type = "SINGLE_HEADER"
          field_keys = [data_protection.value]
        }
      }
    }
  }

  visibility_config {
    metric_name                = local.prefix
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.firewall == null ? 0 : 1

  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
  resource_arn = var.api.stage_arn
}

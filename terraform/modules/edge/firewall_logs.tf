# What the firewall did, without what it saw.

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = var.firewall == null ? 0 : 1

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [var.firewall_log_group_arn]

  dynamic "redacted_fields" {
    for_each = local.secret_headers

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  # A token stands in the path, or what somebody took for one.
  redacted_fields {
    uri_path {}
  }

  redacted_fields {
    query_string {}
  }
}

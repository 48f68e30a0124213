output "web_acl_metric" {
  description = "Name of the firewall in its metrics (dimension WebACL); null without one."
  value       = one([for acl in aws_wafv2_web_acl.this : acl.visibility_config[0].metric_name])
}

output "domain" {
  description = "Where the domain's DNS record points: an alias to this name in this hosted zone. Null without a domain."
  value       = one([for domain in aws_api_gateway_domain_name.this : { name = domain.regional_domain_name, zone_id = domain.regional_zone_id }])
}

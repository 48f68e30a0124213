# Route 53 in front of `domain`. Without it: records of your own, or clients that know the address of each Region.

variable "dns" {
  description = "The hosted zone that gets the record of `domain`. Where two Regions serve under one name, `routing` says whom it sends where: FAILOVER all to `region` as long as it answers, LATENCY each to the nearer Region that does. Null: no records."
  type = object({
    zone_id = string
    routing = optional(string, "FAILOVER")
  })
  default = null

  validation {
    condition     = var.dns == null || var.domain != null
    error_message = "dns: a record needs a name of your own: give `domain`, too. Without one, clients call the API's own address of each Region (`url`)."
  }

  validation {
    condition     = var.dns == null ? true : contains(["FAILOVER", "LATENCY"], var.dns.routing)
    error_message = "dns: routing is FAILOVER or LATENCY."
  }

  validation {
    condition     = var.dns == null || !var.replica_serves || try(var.domain.name == var.replica_domain.name, false)
    error_message = "dns: one record for two Regions needs one name: domain.name and replica_domain.name are the same. With two names, write two records of your own."
  }
}

locals {
  dns_targets = merge(
    { for region in [var.region] : region => module.regional.domain if var.dns != null },
    { for region in slice(local.regions, 1, length(local.regions)) : region => module.regional_replica[0].domain if var.dns != null },
  )

  dns_routed = var.replica_serves ? local.dns_targets : {}
}

# A connection and no more: `domain` has mutual TLS, and Route 53 has no certificate to show, so an HTTPS check of /v1/health
# would find every Region ill. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
resource "aws_route53_health_check" "region" {
  for_each = local.dns_routed

  type              = "TCP"
  fqdn              = each.value.name
  port              = 443
  request_interval  = 30
  failure_threshold = 3

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route53_record" "domain" {
  for_each = local.dns_targets

  zone_id         = var.dns.zone_id
  name            = var.domain.name
  type            = "A"
  set_identifier  = var.replica_serves ? each.key : null
  health_check_id = try(aws_route53_health_check.region[each.key].id, null)

  alias {
    name                   = each.value.name
    zone_id                = each.value.zone_id
    evaluate_target_health = true
  }

  dynamic "failover_routing_policy" {
    for_each = [for routing in [var.dns.routing] : routing if var.replica_serves && routing == "FAILOVER"]

    content {
      type = each.key == var.region ? "PRIMARY" : "SECONDARY"
    }
  }

  dynamic "latency_routing_policy" {
    for_each = [for routing in [var.dns.routing] : routing if var.replica_serves && routing == "LATENCY"]

    content {
      region = each.key
    }
  }

  # Nobody is sent to the second Region before the functions of the first draw tokens from their own half only.
  depends_on = [module.regional, module.regional_replica]
}

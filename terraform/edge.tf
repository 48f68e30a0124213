variable "api" {
  description = "Limits of the whole API, above those of single clients, and from where it may be called: anywhere, from `allowed_cidrs`, or (a private API) only through the execute-api endpoints in `private_endpoint_ids`. `captures_per_second` is what all pages with capture sessions may ask for together, and in bursts twice that. `security_policy` is the lowest TLS that it takes."
  type = object({
    requests_per_second  = optional(number, 1000)
    burst                = optional(number, 2000)
    captures_per_second  = optional(number, 50)
    allowed_cidrs        = optional(list(string), [])
    private_endpoint_ids = optional(list(string), [])
    security_policy      = optional(string, "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09")
    endpoint_access_mode = optional(string, "BASIC")
  })
  default = {}

  validation {
    condition = contains([
      "SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_1_3_FIPS_2025_09", "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
      "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", "SecurityPolicy_TLS13_1_2_PQ_2025_09", "SecurityPolicy_TLS13_1_2_2021_06",
    ], var.api.security_policy)
    error_message = "api: security_policy is one of API Gateway's for Regional and private APIs with TLS 1.2 or later, such as SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09 or SecurityPolicy_TLS13_1_3_2025_09. TLS_1_0 accepts old TLS, and AWS takes no API from there to TLS_1_2."
  }

  validation {
    condition     = contains(["BASIC", "STRICT"], var.api.endpoint_access_mode)
    error_message = "api: endpoint_access_mode is BASIC, or STRICT once the access logs show no call that it would refuse."
  }

  validation {
    condition     = var.api.requests_per_second >= 1 && var.api.burst >= 1 && var.api.captures_per_second >= 1
    error_message = "api: requests_per_second, burst and captures_per_second are 1 or more."
  }

  validation {
    condition     = alltrue([for cidr in var.api.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "api: allowed_cidrs are address ranges such as 192.0.2.0/24."
  }

  validation {
    condition     = length(var.api.allowed_cidrs) == 0 || length(var.api.private_endpoint_ids) == 0
    error_message = "api: allowed_cidrs are public addresses, which nobody has who comes through private_endpoint_ids. Give one of the two."
  }
}

variable "firewall" {
  description = "WAF in front of the API: limits of five minutes for an address and for an API key, address ranges that are kept out, and the only countries that are let in. Null: none."
  type = object({
    requests_per_address = optional(number, 10000)
    requests_per_api_key = optional(number, 100000)
    blocked_cidrs        = optional(list(string), [])
    allowed_countries    = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = var.firewall != null || length(var.allowed_origins) <= 1
    error_message = "firewall: several allowed_origins need it. API Gateway's own errors can only repeat a request's origin then, and the firewall sees to it that it is one of yours. Write firewall = {}, or name one origin."
  }
}

variable "domain" {
  description = "A domain with mutual TLS: its name, its ACM certificate in `region`, and the certificates (PEM) of the authorities that issue clients' certificates. Null: the API's own address."
  type = object({
    name                                   = string
    certificate_arn                        = string
    client_authorities                     = string
    ownership_verification_certificate_arn = optional(string)
    security_policy                        = optional(string, "TLS_1_2")
  })
  default = null

  validation {
    condition     = var.domain == null ? true : var.domain.security_policy == "TLS_1_2"
    error_message = "domain: security_policy is TLS_1_2. API Gateway refuses mutual TLS on a domain with an enhanced policy (SecurityPolicy_…); set that on the API, as api.security_policy."
  }

  validation {
    condition     = var.domain == null || length(var.api.private_endpoint_ids) == 0
    error_message = "domain: mutual TLS needs a REGIONAL domain, and a private API has none. Give `domain` or `api.private_endpoint_ids`, not both."
  }

  validation {
    # https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
    condition     = var.domain == null || length(var.allowed_origins) == 0
    error_message = "domain: mutual TLS keeps browsers out, which show no certificate when they ask before a request of another origin. Give `domain` or `allowed_origins`, not both; a second stack may serve pages."
  }
}

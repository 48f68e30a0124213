variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "account" {
  description = "The AWS account id; part of the truststore bucket's name, which is unique in the world."
  type        = string
}

variable "api" {
  description = "The stage that stands behind."
  type        = object({ id = string, stage = string, stage_arn = string })
}

variable "firewall" {
  description = "Limits of five minutes, for an address and for an API key, and who is kept out: address ranges, and countries but these (ISO 3166, two letters; none named: all may). Null: no firewall."
  type = object({
    requests_per_address = optional(number, 10000)
    requests_per_api_key = optional(number, 100000)
    blocked_cidrs        = optional(list(string), [])
    allowed_countries    = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = var.firewall == null ? true : alltrue([for limit in [var.firewall.requests_per_address, var.firewall.requests_per_api_key] : limit >= 10 && limit <= 2000000000])
    error_message = "firewall: limits are 10 to 2,000,000,000 requests in five minutes."
  }

  validation {
    condition     = var.firewall == null ? true : alltrue([for cidr in var.firewall.blocked_cidrs : can(cidrnetmask(cidr)) && !endswith(cidr, "/0")])
    error_message = "firewall: blocked_cidrs are IPv4 ranges such as 192.0.2.0/24, and not all addresses (WAF takes no /0)."
  }

  validation {
    condition     = var.firewall == null ? true : alltrue([for country in var.firewall.allowed_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "firewall: allowed_countries are two capital letters each, such as DE."
  }
}

variable "allowed_origins" {
  description = "Origins whose pages may read answers. Of several, no other gets in: see the rule."
  type        = list(string)
  default     = []
}

variable "firewall_log_group_arn" {
  description = "Log group of the firewall, whose name starts with aws-waf-logs-. Null without a firewall."
  type        = string
  default     = null
}

variable "domain" {
  description = "A name of your own, its ACM certificate in this Region, and the certificates (PEM) of the authorities that issue clients' certificates: whoever has none of theirs is not answered. An imported or private certificate needs a public one that proves the ownership. Null: the API's own address."
  type = object({
    name                                   = string
    certificate_arn                        = string
    client_authorities                     = string
    ownership_verification_certificate_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "domain: name is a full domain name in lower case, such as vault.example.com."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.domain.certificate_arn))
    error_message = "domain: certificate_arn is the ARN of an ACM certificate in the API's Region."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("-----BEGIN CERTIFICATE-----", var.domain.client_authorities)) && !can(regex("PRIVATE KEY", var.domain.client_authorities))
    error_message = "domain: client_authorities holds certificates in PEM, and no private key."
  }
}

variable "force_destroy" {
  description = "Whether the truststore bucket may be deleted with what is in it, older versions too."
  type        = bool
  default     = false
}

# An example of the whole: a second Region that holds replicas (how it serves, too: docs/operations.md), a VPC, WAF, a domain
# with mutual TLS. Names, account ids and the certificates are made up; what you must change is what names your company.
region         = "eu-central-1"
replica_region = "eu-west-1"
vault_id       = "acme-payments"
tags           = { Owner = "payments-platform", DataClass = "restricted" }

# Administer the keys, without use of them; the pipeline that applies this must be one of them.
key_administrator_arns = ["arn:aws:iam::123456789012:role/acme-key-administrators"]

threat_protection = "ENFORCED"

tables = {
  class    = "STANDARD"
  capacity = { read_max = 2000, write_max = 1000 }
}

network = {
  cidr  = "10.20.0.0/24"
  zones = 3
}

# API Gateway's role for logs is the account's: terraform/bootstrap sets it, once a Region.
manage_api_gateway_account = false

# security_policy: the lowest TLS of the API's own address, which counts again if you take out `domain`: with it that
# address is closed. SecurityPolicy_TLS13_1_3_2025_09 takes 1.3 only.
api      = { requests_per_second = 1000, burst = 2000, security_policy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09" }
firewall = { blocked_cidrs = ["192.0.2.0/24"], allowed_countries = ["DE", "FR", "NL"] }

# The only way in, with a client certificate. Its lowest TLS is 1.2: API Gateway has no enhanced policy with mutual TLS.
domain = {
  name            = "vault.example.com"
  certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"

  # An authority made for this example; its private key is thrown away.
  client_authorities = <<-PEM
    -----BEGIN CERTIFICATE-----
    MIIBcDCCARagAwIBAgIUPnRM8rDmL8dxfmpnHT8cfd64TmEwCgYIKoZIzj0EAwIw
    LDEQMA4GA1UECgwHRXhhbXBsZTEYMBYGA1UEAwwPRXhhbXBsZSBjbGllbnRzMB4X
    DTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowLDEQMA4GA1UECgwHRXhhbXBs
    ZTEYMBYGA1UEAwwPRXhhbXBsZSBjbGllbnRzMFkwEwYHKoZIzj0CAQYIKoZIzj0D
    AQcDQgAE0RHXdtHOfnz2kYogObnnPLY4RHaFvhVkjwzi4kyRoBSTz75fA3nIG/69
    iIUmARJ/f8h+axXBXNQqgc1JeEOmWKMWMBQwEgYDVR0TAQH/BAgwBgEB/wIBADAK
    BggqhkjOPQQDAgNIADBFAiEAvlZW5qzdi927WW1q4+AR2DSardDd9G6e+PVIXCnL
    tncCIHonsLhH2mUl/y8e2EHvu4VuGTD+n3bnXpOAixTUrbkL
    -----END CERTIFICATE-----
  PEM
}

# Whoever is denied everything else may still find out who saw what.
audit_archive = { mode = "COMPLIANCE", reader_arns = ["arn:aws:iam::123456789012:role/acme-auditors"] }
alarms        = { emails = ["payments-oncall@example.com"] }
backup        = { keep_days = 35 }

# Reserved: 300 in all, and Lambda keeps 100 for others, so the account needs 400 concurrent executions. A new account may
# have 10, from which nothing can be reserved; the plan says so (`check_quotas`). Ask AWS for more some days ahead, or take
# `reserved` out.
concurrency = {
  tokenize = { reserved = 200, provisioned = 5 }
  reveal   = { reserved = 100, provisioned = 2 }
}

info_types = {
  card_number = { options = { keep_last = 4 } }
  note        = { format = "text", default_ttl_seconds = 86400, max_ttl_seconds = 604800 }
}

tenants = {
  shop = {
    clients = {
      checkout = {
        actions  = ["tokenize", "read"]
        types    = ["card_number"]
        throttle = { requests_per_second = 200, burst = 400 }
      }
      settlement = {
        actions  = ["detokenize"]
        types    = ["card_number"]
        purposes = ["settlement", "refund"]
        throttle = { requests_per_second = 20, burst = 40, requests_per_day = 100000 }
      }
      privacy = { actions = ["erase", "search", "subjects.read"], types = ["*"] } # those that are added later too
    }
  }
  clinic = {
    clients = {
      intake = { actions = ["tokenize", "search", "read"], types = ["note"] }
      ward   = { actions = ["detokenize.masked", "detokenize"], types = ["note"], purposes = ["treatment"] }
    }
  }
}

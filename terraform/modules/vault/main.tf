# The tables. Every one has the same two keys, so that one place says how they are kept.

variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that DynamoDB encrypts the tables with. Not a key that wraps anything of ours."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the tables refuse to be deleted."
  type        = bool
}

locals {
  # A ttl attribute only where items may go by themselves. Backups everywhere but where they would keep what
  # has to go (a person's secrets), or where what goes by itself within a day is not worth one.
  tables = {
    vault       = { ttl = "ttl", backups = true, stream = null }
    keys        = { ttl = null, backups = true, stream = null }
    policy      = { ttl = null, backups = true, stream = null }
    audit       = { ttl = null, backups = true, stream = "NEW_IMAGE" } # what the archiver reads
    subjects    = { ttl = null, backups = false, stream = null }
    idempotency = { ttl = "ttl", backups = false, stream = null }
    budgets     = { ttl = "ttl", backups = false, stream = null }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = each.value.stream != null
  stream_view_type            = each.value.stream

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  # The records of a person, to clean up after an erasure: sparse, and keys only.
  dynamic "attribute" {
    for_each = each.key == "vault" ? ["subject"] : []

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.key == "vault" ? ["by_subject"] : []

    content {
      name            = global_secondary_index.value
      hash_key        = "subject"
      projection_type = "KEYS_ONLY"
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  point_in_time_recovery {
    enabled = each.value.backups
  }

  dynamic "ttl" {
    for_each = each.value.ttl[*]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
}

output "tables" {
  description = "Names of the tables."
  value       = { for name, table in aws_dynamodb_table.this : name => table.name }
}

output "audit_stream_arn" {
  description = "ARN of the audit table's stream of new items, for the archiver."
  value       = aws_dynamodb_table.this["audit"].stream_arn
}

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
  # A ttl attribute only where items may go by themselves.
  tables = {
    vault  = { ttl = "ttl" }
    keys   = { ttl = null }
    policy = { ttl = null }
    audit  = { ttl = null }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  point_in_time_recovery {
    enabled = true
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

# The tables. Every one has the same two keys, so that one place says how they are kept.

terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica] # the second Region; the first one again where there is none
    }
  }
}

locals {
  # What replication reads: DynamoDB wants both images for it.
  replication_stream = var.replica == null ? null : "NEW_AND_OLD_IMAGES"

  # Replicated is what makes or opens tokens; what is on record, counted or remembered stays in its Region.
  # A ttl attribute only where items may go by themselves; of the subjects', short-lived secrets alone have it, should
  # the maintenance function not come to them. Backups everywhere but where they would keep what
  # has to go (a person's secrets), or where what goes by itself within a day is not worth one.
  all_tables = {
    vault       = { ttl = "ttl", backups = true, replicated = true, stream = local.replication_stream }
    keys        = { ttl = null, backups = true, replicated = true, stream = local.replication_stream }
    policy      = { ttl = null, backups = true, replicated = true, stream = local.replication_stream }
    audit       = { ttl = null, backups = true, replicated = false, stream = "NEW_IMAGE" } # what the archiver reads
    subjects    = { ttl = "ttl", backups = false, replicated = true, stream = local.replication_stream }
    idempotency = { ttl = "ttl", backups = false, replicated = false, stream = null }
    budgets     = { ttl = "ttl", backups = false, replicated = false, stream = null }
  }

  tables = { for name, table in local.all_tables : name => table if !(var.only_unreplicated && table.replicated) }
}

locals {
  all_indexes = {
    by_subject = { hash_key = "subject", range_key = null, shows = null }
    by_expiry  = { hash_key = "expiry_queue", range_key = "remove_at", shows = ["origin"] }
  }

  indexes = { for name, index in local.all_indexes : name => index if contains(keys(local.tables), "vault") }
}

resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_28: A copy of a person's secret would undo an erasure; idempotency and budgets are worthless after a day.
  # checkov:skip=CKV_AWS_119: The key is ours, known only after it was made; checkov takes that for none.
  # checkov:skip=CKV2_AWS_16: Provisioned tables scale by autoscaling.tf; checkov does not follow the names there.
  for_each = local.tables

  name                        = local.names[each.key]
  table_class                 = var.table_class
  billing_mode                = var.capacity == null ? "PAY_PER_REQUEST" : "PROVISIONED"
  read_capacity               = var.capacity == null ? null : var.capacity.read_min
  write_capacity              = var.capacity == null ? null : var.capacity.write_min
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

  # Sparse indexes of keys: the records of a subject, to clean up after an erasure, and the records that expire and
  # whose places must stay taken, to leave a tombstone in each, which keeps the mark of the request (`origin`).
  dynamic "attribute" {
    for_each = each.key == "vault" ? { subject = "S", expiry_queue = "S", remove_at = "N" } : {}

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = { for name, index in local.indexes : name => index if each.key == "vault" }

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = global_secondary_index.value.shows == null ? "KEYS_ONLY" : "INCLUDE"
      non_key_attributes = global_secondary_index.value.shows
      read_capacity      = var.capacity == null ? null : var.capacity.read_min
      write_capacity     = var.capacity == null ? null : var.capacity.write_min
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

  lifecycle {
    # Autoscaling sets capacities, the index's too, and `ignore_changes` takes no condition; replicas are resources
    # of their own (replicas.tf). Another index needs its name out of this list for one apply.
    ignore_changes = [read_capacity, write_capacity, global_secondary_index, replica]
  }
}


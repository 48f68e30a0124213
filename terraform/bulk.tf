# Imports of files of any size over S3 (docs/bulk.md#past-one-machine), and exports to it (docs/exports.md#past-one-machine). Off unless
# it is asked for.

variable "bulk" {
  description = "Imports over S3 by Step Functions, as one client (`tenant/client`) that may tokenize or import, and exports, as `export_client`. Null: none. In `region` alone; needs `make package-bulk`."
  type = object({
    client               = string
    parallel_parts       = optional(number, 10)
    requests_per_part    = optional(number, 8)
    reserved_concurrency = optional(number)
    keep_input_days      = optional(number, 7)
    # Files of Parquet too, by the layer of `make package-parquet-layer`, or by one that is there already.
    parquet           = optional(bool, false)
    parquet_layer_arn = optional(string)
    # Who exports, as tenant/client, for the days of a move. Null: nothing is exported this way.
    export_client         = optional(string)
    export_parallel_parts = optional(number, 16)
  })
  default = null

  validation {
    condition = var.bulk == null ? true : try(
      var.tenants[split("/", var.bulk.client)[0]].clients[split("/", var.bulk.client)[1]].kind == "service" &&
      length(setintersection(var.tenants[split("/", var.bulk.client)[0]].clients[split("/", var.bulk.client)[1]].actions, ["tokenize", "import"])) > 0,
      false
    )
    error_message = "bulk: client names a client of `tenants` as tenant/client, of kind \"service\", that may tokenize or import."
  }

  validation {
    condition     = var.bulk == null ? true : !(var.bulk.parquet && var.bulk.parquet_layer_arn != null)
    error_message = "bulk: parquet and parquet_layer_arn are two ways to a layer; leave parquet out to use a layer that is there already."
  }

  validation {
    condition = try(var.bulk.export_client, null) == null ? true : try(
      var.tenants[split("/", var.bulk.export_client)[0]].clients[split("/", var.bulk.export_client)[1]].kind == "service" &&
      contains(var.tenants[split("/", var.bulk.export_client)[0]].clients[split("/", var.bulk.export_client)[1]].actions, "export"),
      false
    )
    error_message = "bulk: export_client names a client of `tenants` as tenant/client, of kind \"service\", that has the action export; leave export_client out where nobody exports."
  }
}

# Whoever may start the machine of exports exports as its client: nothing but an approval stands between that right and all values.
check "exports_are_approved" {
  assert {
    condition     = try(var.bulk.export_client, null) == null ? true : try(var.tenants[split("/", var.bulk.export_client)[0]].clients[split("/", var.bulk.export_client)[1]].approval != null, false)
    error_message = "bulk: export_client needs no approval, so whoever may start its state machine takes all values out alone. Give the client approval = { over_per_hour = 0 }, and somebody else the action approve (docs/exports.md)."
  }
}

module "bulk" {
  source = "./modules/bulk"
  count  = var.bulk == null ? 0 : 1

  name      = var.name
  partition = local.partition
  account   = local.account
  client    = var.bulk.client
  package   = "${path.module}/modules/bulk/bulk.zip"

  tokenize = {
    role_arn    = local.functions.tokenize.role_arn
    memory_mb   = local.functions.tokenize.memory_mb
    environment = local.functions.tokenize.environment
    log_group   = module.regional.log_groups.tokenize
  }

  exports = var.bulk.export_client == null ? null : {
    client         = var.bulk.export_client
    parallel_parts = var.bulk.export_parallel_parts
    reveal = {
      role_arn    = local.functions.reveal.role_arn
      memory_mb   = local.functions.reveal.memory_mb
      environment = local.functions.reveal.environment
      log_group   = module.regional.log_groups.reveal
    }
  }

  vault_package            = module.regional.package
  parquet_layer            = var.bulk.parquet ? "${path.module}/modules/bulk/parquet-layer.zip" : null
  parquet_layer_arn        = var.bulk.parquet_layer_arn
  parallel_parts           = var.bulk.parallel_parts
  requests_per_part        = var.bulk.requests_per_part
  reserved_concurrency     = var.bulk.reserved_concurrency
  keep_input_days          = var.bulk.keep_input_days
  vpc                      = module.regional.vpc
  key_administration       = module.keys.administration
  key_deletion_window_days = var.key_deletion_window_days
  log_retention_days       = var.log_retention_days
  alarms_topic_arn         = module.observability.topic_arn
  force_destroy            = !var.deletion_protection
}

locals {
  # What the VPC's endpoints let through besides, and for whom.
  bulk_roles = flatten([for bulk in module.bulk : values(bulk.role_arns)])
  bulk_calls = { for service in ["s3", "lambda"] : service => {
    actions   = flatten([for bulk in module.bulk : bulk.calls[service].actions])
    resources = flatten([for bulk in module.bulk : bulk.calls[service].resources])
  } if var.bulk != null }

  s3_calls = {
    actions   = distinct(concat(module.audit.calls.actions, try(local.bulk_calls.s3.actions, [])))
    resources = concat(module.audit.calls.resources, try(local.bulk_calls.s3.resources, []))
  }
}

output "bulk" {
  description = "Where imports over S3 go in and come out, the state machine that makes them, and that of exports, null without `export_client`. Null without `bulk`."
  value       = one([for bulk in module.bulk : { bucket = bulk.bucket, state_machine_arn = bulk.state_machine_arn, export_state_machine_arn = bulk.export_state_machine_arn }])
}

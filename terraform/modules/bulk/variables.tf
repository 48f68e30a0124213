variable "name" {
  description = "Name of the stack."
  type        = string
}

variable "partition" {
  description = "The AWS partition."
  type        = string
}

variable "account" {
  description = "The AWS account id."
  type        = string
}

variable "client" {
  description = "The client of the policy that imports are made as, `tenant/client`: its actions and types are what an import may do."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}/[a-z][a-z0-9_-]{0,31}$", var.client))
    error_message = "client: the tenant and the client as the policy names them, such as shop/loader."
  }
}

variable "tokenize" {
  description = "The tokenizing function, as which batches are taken in: its role, memory, environment and log group."
  type        = object({ role_arn = string, memory_mb = number, environment = map(string), log_group = string })
}

variable "exports" {
  description = "Exports over S3: the client of the policy that they are made as (`tenant/client`), the revealing function, as which pages are given out, and how many parts are carried at once. Null: none."
  type = object({
    client         = string
    reveal         = object({ role_arn = string, memory_mb = number, environment = map(string), log_group = string })
    parallel_parts = optional(number, 16)
  })
  default = null

  validation {
    condition     = var.exports == null ? true : can(regex("^[a-z][a-z0-9-]{0,31}/[a-z][a-z0-9_-]{0,31}$", var.exports.client))
    error_message = "exports: client is the tenant and the client as the policy names them, such as shop/mover."
  }

  validation {
    condition     = var.exports == null ? true : var.exports.parallel_parts >= 1 && var.exports.parallel_parts <= 16 && floor(var.exports.parallel_parts) == var.exports.parallel_parts
    error_message = "exports: parallel_parts is a whole number from 1 to 16; an export has 16 parts at most."
  }
}

variable "vault_package" {
  description = "The service's package, as the tokenizing function has it."
  type        = object({ filename = string, runtime = string, architectures = list(string) })
}

variable "package" {
  description = "Path of the module's own package (`make package-bulk`)."
  type        = string
}

variable "parquet_layer" {
  description = "Path of a layer with pyarrow (`make package-parquet-layer`). Null: no Parquet, unless `parquet_layer_arn` names a layer."
  type        = string
  default     = null

  validation {
    condition     = var.parquet_layer == null || var.parquet_layer_arn == null
    error_message = "parquet_layer: name this or parquet_layer_arn, one of the two."
  }
}

variable "parquet_layer_arn" {
  description = "A layer with pyarrow that is there already, for the runtime and architecture of the package, such as AWS's own AWSSDKPandas. Null: `parquet_layer`, if any."
  type        = string
  default     = null

  validation {
    condition     = var.parquet_layer_arn == null ? true : can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$", var.parquet_layer_arn))
    error_message = "parquet_layer_arn: the ARN of a version of a layer, with its number at the end."
  }
}

variable "memory_mb" {
  description = "Memory of the functions `files` and `part`, and with it their share of a processor (1,769 MB: all of one)."
  type        = number
  default     = 1769

  validation {
    condition     = var.memory_mb >= 1024 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb: 1024 to 10240 whole megabytes; a segment of a file and its rows need that much."
  }
}

variable "parallel_parts" {
  description = "Parts under way at once. Times requests_per_part, that is how many containers take batches in."
  type        = number
  default     = 10

  validation {
    condition     = var.parallel_parts >= 1 && var.parallel_parts <= 1000 && floor(var.parallel_parts) == var.parallel_parts
    error_message = "parallel_parts: a whole number from 1 to 1000."
  }
}

variable "parallel_segments" {
  description = "Segments that are scanned at once; that reads S3, and leaves the vault alone."
  type        = number
  default     = 50

  validation {
    condition     = var.parallel_segments >= 1 && var.parallel_segments <= 1000 && floor(var.parallel_segments) == var.parallel_segments
    error_message = "parallel_segments: a whole number from 1 to 1000."
  }
}

variable "requests_per_part" {
  description = "Requests of one part under way at once."
  type        = number
  default     = 8

  validation {
    condition     = var.requests_per_part >= 1 && var.requests_per_part <= 64 && floor(var.requests_per_part) == var.requests_per_part
    error_message = "requests_per_part: a whole number from 1 to 64."
  }
}

variable "reserved_concurrency" {
  description = "At most this many containers take batches in, set apart from the account's others. Null: they share the account's."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1
    error_message = "reserved_concurrency: 1 or more; 0 would stop the function. Leave it out to share the account's."
  }
}

variable "keep_input_days" {
  description = "Days after which files under in/ go by themselves. A version that was replaced or removed goes after one."
  type        = number
  default     = 7

  validation {
    condition     = var.keep_input_days >= 1 && floor(var.keep_input_days) == var.keep_input_days
    error_message = "keep_input_days: a whole number of days, 1 or more; an import needs its file until it is done."
  }
}

variable "prices" {
  description = "What the dashboard multiplies by, in dollars: a GB-second of Lambda on arm64, a request to it, a write and a read unit of DynamoDB, a signature of KMS by an elliptic curve. The defaults are us-east-1's list prices."
  type = object({
    lambda_gb_second = optional(number, 0.0000133334)
    lambda_request   = optional(number, 0.0000002)
    write_unit       = optional(number, 0.000000625)
    read_unit        = optional(number, 0.000000125)
    kms_signature    = optional(number, 0.000015)
  })
  default = {}
}

variable "vpc" {
  description = "Where the functions run, null for no VPC. It needs ways to S3 and to Lambda."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}

variable "key_administration" {
  description = "Who administers the key without using it, and by which actions."
  type        = object({ principals = list(string), actions = list(string) })
}

variable "key_deletion_window_days" {
  description = "Days between scheduling the key's deletion and losing what it encrypts."
  type        = number
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "alarms_topic_arn" {
  description = "Topic that hears of imports and exports that failed."
  type        = string
}

variable "force_destroy" {
  description = "Whether a destroy empties the bucket first."
  type        = bool
}

# A change of policy, without a moment at which a starting container misses its own: the new item is written before the
# functions are told of it, and the old one removed after. The generation before stays as a copy until the next change,
# for versions that still get calls (`rollout`) or are gone back to.

resource "terraform_data" "policy" {
  input = sha256(local.policy_document)
}

# Which generation is in use, for the next change to find: set last, when every function has it.
resource "aws_ssm_parameter" "policy" {
  # checkov:skip=CKV2_AWS_34: A digest, which every function has in its environment.
  # checkov:skip=CKV_AWS_337: A digest, which every function has in its environment.
  name        = "${local.policy_parameters}/sha256"
  description = "SHA-256 of the policy that the functions of ${var.name} were deployed with. Terraform reads it to keep that policy through the next change."
  type        = "String"
  value       = sha256(local.policy_document)

  depends_on = [module.regional, module.regional_replica, aws_dynamodb_table_item.previous]
}

# By path, since that finds nothing instead of failing before the first deployment.
data "aws_ssm_parameters_by_path" "policy" {
  path = local.policy_parameters
}

locals {
  policy_parameters = "/tokenvault/${var.name}/policy"
  deployed_sha256   = try(nonsensitive(data.aws_ssm_parameters_by_path.policy.values[0]), null)
  deployed_policy   = try(jsondecode(data.aws_dynamodb_table_item.deployed[0].item).document, null)

  # Functions take the digest from here, so they come after the item.
  policy_sha256 = jsondecode(aws_dynamodb_table_item.generation.item).sk.S
}

data "aws_dynamodb_table_item" "deployed" {
  count = local.deployed_sha256 == null ? 0 : 1

  table_name = "${var.name}-policy" # written out: known, and there, before anything else changes
  key        = jsonencode({ pk = { S = "policy" }, sk = { S = local.deployed_sha256 } })
}

resource "aws_dynamodb_table_item" "generation" {
  table_name = module.vault.tables.policy
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk       = { S = "policy" }
    sk       = { S = sha256(local.policy_document) }
    document = { S = local.policy_document }
  })

  lifecycle {
    # The provider would change the item in place, and remove the old key at once.
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.policy]

    precondition {
      condition     = alltrue([for grant in concat(values(local.clients), values(local.groups)) : alltrue([for limit in [grant.reveals_per_hour, grant.searches_per_hour, grant.deterministic_tokens_per_hour] : limit == null ? true : limit >= length(local.regions)])])
      error_message = "A budget is divided among the Regions, so it must be at least their number. Raise it, or take the action away."
    }

    precondition {
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (item size)
      condition     = length(local.policy_document) < 380000
      error_message = "The policy does not fit into one DynamoDB item (400 KB). Split the tenants over several stacks."
    }
  }
}

# Under a partition of its own, since the item that it copies is removed at the end of the change.
resource "aws_dynamodb_table_item" "previous" {
  table_name = module.vault.tables.policy
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode(merge(
    { pk = { S = "previous" }, sk = { S = coalesce(local.deployed_sha256, "none") } },
    local.deployed_policy == null ? {} : { document = local.deployed_policy },
  ))

  lifecycle {
    ignore_changes       = [item] # what is in use becomes the generation before at the next change only
    replace_triggered_by = [terraform_data.policy]
  }

  depends_on = [aws_dynamodb_table_item.generation] # so the item that this copies goes after it
}

# Stacks from before had one item, under the key `current`: it is the generation that their containers look for.
moved {
  from = aws_dynamodb_table_item.policy
  to   = aws_dynamodb_table_item.previous
}

# The same keys in the second Region: what one wraps, the other unwraps. Policies are each key's own.

resource "aws_kms_replica_key" "this" {
  for_each = toset([for name in keys(local.statements.replica) : name if var.replicate])
  provider = aws.replica

  description             = aws_kms_key.this[each.key].description
  primary_key_arn         = aws_kms_key.this[each.key].arn
  deletion_window_in_days = var.deletion_window_days
  policy                  = local.policies.replica[each.key]
}

resource "aws_kms_alias" "replica" {
  for_each = aws_kms_replica_key.this
  provider = aws.replica

  name          = "alias/${var.name}-${each.key}"
  target_key_id = each.value.key_id
}

# The tables in the second Region. Not `replica` blocks in the tables: a provisioned table takes a replica only
# once autoscaling drives its writes, which a block inside the table can never wait for.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_reqs_bestpractices.html

locals {
  replicated = var.replica == null ? {} : { for name, table in local.tables : name => table if table.replicated }
}

resource "aws_dynamodb_table_replica" "this" {
  # checkov:skip=CKV_AWS_271: The key is a replica of ours, known only after it was made; checkov takes that for none.
  for_each = local.replicated
  provider = aws.replica

  global_table_arn            = aws_dynamodb_table.this[each.key].arn
  kms_key_arn                 = var.replica.kms_key_arn
  point_in_time_recovery      = each.value.backups
  deletion_protection_enabled = var.replica.deletion_protection

  depends_on = [aws_appautoscaling_policy.this]
}

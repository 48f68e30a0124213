# Provisioned capacity follows its use, table by table, and the indexes as well: an index that is throttled
# throttles its table. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html

locals {
  dimensions = {
    read  = { unit = "ReadCapacityUnits", metric = "DynamoDBReadCapacityUtilization", min = try(var.capacity.read_min, 0), max = try(var.capacity.read_max, 0) }
    write = { unit = "WriteCapacityUnits", metric = "DynamoDBWriteCapacityUtilization", min = try(var.capacity.write_min, 0), max = try(var.capacity.write_max, 0) }
  }

  scalable = merge(
    { for name in keys(local.tables) : name => { table = name, resource = "table/${local.names[name]}", kind = "table" } },
    { for index in keys(local.indexes) : index => { table = "vault", resource = "table/${local.names.vault}/index/${index}", kind = "index" } },
  )

  scaled = var.capacity == null ? {} : merge([
    for name, what in local.scalable : {
      for dimension, facts in local.dimensions : "${name}/${dimension}" => merge(what, facts)
    }
  ]...)

  # A global table with provisioned capacity must be scaled in each of its Regions:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html#globaltables-autoscaling-slr
  scaled_replicas = { for name, what in local.scaled : name => what if contains(keys(local.replicated), what.table) }
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  resource_id        = each.value.resource
  scalable_dimension = "dynamodb:${each.value.kind}:${each.value.unit}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max

  depends_on = [aws_dynamodb_table.this]
}

resource "aws_appautoscaling_policy" "this" {
  for_each = aws_appautoscaling_target.this

  name               = "${var.name}-${replace(each.key, "/", "-")}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.capacity.target_percent

    predefined_metric_specification {
      predefined_metric_type = local.scaled[each.key].metric
    }
  }
}

resource "aws_appautoscaling_target" "replica" {
  for_each = local.scaled_replicas
  provider = aws.replica

  service_namespace  = "dynamodb"
  resource_id        = each.value.resource
  scalable_dimension = "dynamodb:${each.value.kind}:${each.value.unit}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max

  depends_on = [aws_dynamodb_table_replica.this]
}

resource "aws_appautoscaling_policy" "replica" {
  for_each = aws_appautoscaling_target.replica
  provider = aws.replica

  name               = "${var.name}-${replace(each.key, "/", "-")}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.capacity.target_percent

    predefined_metric_specification {
      predefined_metric_type = local.scaled[each.key].metric
    }
  }
}

# Whatever calls a function calls its alias, never $LATEST: a deployment moves it in one step or by a share of
# the calls first, and can move it back.

resource "aws_lambda_alias" "live" {
  for_each = local.lambdas

  name             = "live"
  function_name    = each.value.function_name
  function_version = try(var.functions[each.key].rollout.stable_version, each.value.version)

  dynamic "routing_config" {
    # Nothing to share while the stable version is also the newest.
    for_each = [for rollout in var.functions[each.key].rollout[*] : rollout if rollout.stable_version != each.value.version]

    content {
      additional_version_weights = { (each.value.version) = routing_config.value.new_share }
    }
  }
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  for_each = { for name, function in var.functions : name => function.provisioned_concurrency if function.provisioned_concurrency != null }

  function_name                     = local.lambdas[each.key].function_name
  qualifier                         = aws_lambda_alias.live[each.key].name
  provisioned_concurrent_executions = each.value
}

# An asynchronous call that failed for good (the schedule's, or one made by hand) is told, not lost.
resource "aws_lambda_function_event_invoke_config" "maintain" {
  function_name                = aws_lambda_function.maintain.function_name
  qualifier                    = aws_lambda_alias.live["maintain"].name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = var.failures_topic_arn
    }
  }
}

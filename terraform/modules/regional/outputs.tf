output "api_id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.rest_api.id
}

output "stage" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.live.stage_name
}

output "url" {
  description = "Where the API answers."
  value       = var.domain == null ? aws_api_gateway_stage.live.invoke_url : "https://${var.domain.name}"
}

output "function_names" {
  description = "Names of the functions."
  value       = { for name, function in local.lambdas : name => function.function_name }
}

output "function_versions" {
  description = "The newest version of each function."
  value       = { for name, function in local.lambdas : name => function.version }
}

output "alias_arns" {
  description = "ARNs of the functions' aliases."
  value       = { for name, alias in aws_lambda_alias.live : name => alias.arn }
}

output "function_alias" {
  description = "The alias that the API calls."
  value       = "live"
}

output "web_acl_metric" {
  description = "Name of the firewall in its metrics, null without one."
  value       = one(module.edge[*].web_acl_metric)
}

output "domain" {
  description = "Where the domain's DNS record points, null without a domain."
  value       = one(module.edge[*].domain)
}

output "only_from" {
  description = "Condition key and id of the one way that the functions take to the tables: the endpoint, or the VPC that is there already. Null without a VPC."
  value = (
    var.network == null ? null :
    local.own_network ? { key = "aws:SourceVpce", id = module.network[0].endpoint_ids["dynamodb"] } :
    { key = "aws:SourceVpc", id = var.network.existing.vpc_id }
  )
}

output "log_groups" {
  description = "Names of the log groups, API Gateway's own log among them."
  value       = merge({ for name, group in aws_cloudwatch_log_group.this : name => group.name }, { execution = aws_cloudwatch_log_group.execution.name })
}

output "package" {
  description = "The package that the functions run, and what it is for."
  value = {
    filename      = aws_lambda_function.api_handler.filename
    runtime       = aws_lambda_function.api_handler.runtime
    architectures = aws_lambda_function.api_handler.architectures
  }
}

output "vpc" {
  description = "Where the functions run, null for no VPC."
  value       = local.vpc == null ? null : { subnet_ids = local.vpc.subnet_ids, security_group_ids = local.vpc.security_group_ids }
}

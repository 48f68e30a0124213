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

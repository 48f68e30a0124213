variable "role_name" {
  description = "Name of the function's role."
  type        = string
}

variable "function_arns" {
  description = "The functions that have this role, in every Region."
  type        = list(string)
}

variable "threat_protection" {
  description = "What Cognito does about sign-ins of people that look like an attacker's: OFF, AUDIT or ENFORCED. Other than OFF takes Cognito's Plus plan; the API's clients are no people."
  type        = string
  default     = "OFF"
}

variable "access_token_minutes" {
  description = "How long an access token lasts."
  type        = number
  default     = 15

  # Cognito refuses such a client while it applies, when others of the stack are changed already.
  # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.kind != "browser" || var.access_token_minutes <= 60 * client.session_hours]]))
    error_message = "access_token_minutes: an access token may not outlast a sign-in. Lower it, or raise session_hours of the clients of kind \"browser\" (60 minutes each)."
  }
}

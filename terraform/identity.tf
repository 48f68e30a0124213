variable "threat_protection" {
  description = "What Cognito does about sign-ins of people that look like an attacker's: OFF, AUDIT or ENFORCED. Other than OFF takes Cognito's Plus plan; the API's clients are no people."
  type        = string
  default     = "OFF"
}

variable "access_token_minutes" {
  description = "How long an access token lasts."
  type        = number
  default     = 15
}

variable "name" {
  description = "Name of the stack; the pool's domain begins with it."
  type        = string

  validation {
    condition     = !can(regex("aws|amazon|cognito", var.name))
    error_message = "name: without \"aws\", \"amazon\" and \"cognito\", which Cognito takes in no domain."
  }
}

variable "account" {
  description = "The AWS account id; part of the pool's domain, which is unique in a Region."
  type        = string
}

variable "clients" {
  description = "Actions of each client, by `tenant/client`. An action is an OAuth scope."
  type        = map(list(string))

  validation {
    condition     = alltrue([for actions in values(var.clients) : length(setsubtract(actions, ["tokenize", "import", "detokenize", "detokenize.masked", "search", "read", "subjects.read", "erase", "approve"])) == 0 && length(actions) > 0])
    error_message = "clients: each has one or more of tokenize, import, detokenize, detokenize.masked, search, read, subjects.read, erase and approve."
  }
}

variable "api_keys" {
  description = "Names of each client's API keys, by `tenant/client`: one, or two while one takes the place of the other. A client that is not named has one key, \"a\"."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for names in values(var.api_keys) : length(names) >= 1 && length(names) <= 2 && length(distinct(names)) == length(names) && alltrue([for name in names : can(regex("^[a-z0-9][a-z0-9-]{0,15}$", name))])])
    error_message = "api_keys: one or two different names a client, of lower-case letters, digits and -, at most 16."
  }

  validation {
    condition     = length(setsubtract(keys(var.api_keys), keys(var.clients))) == 0
    error_message = "api_keys: only of clients that there are."
  }
}

variable "deletion_protection" {
  description = "Whether the user pool refuses to be deleted."
  type        = bool
  default     = true
}

variable "threat_protection" {
  description = "What Cognito does about sign-ins of people that look like an attacker's: OFF, AUDIT (tell) or ENFORCED (ask more, or refuse). Other than OFF takes Cognito's Plus plan; clients of the API are no people."
  type        = string
  default     = "OFF"

  validation {
    condition     = contains(["OFF", "AUDIT", "ENFORCED"], var.threat_protection)
    error_message = "threat_protection: OFF, AUDIT or ENFORCED."
  }
}

variable "access_token_minutes" {
  description = "How long an access token lasts."
  type        = number
  default     = 15

  validation {
    condition     = var.access_token_minutes >= 5 && var.access_token_minutes <= 1440
    error_message = "access_token_minutes: Cognito takes 5 to 1440."
  }
}

variable "api_key_values" {
  description = "Values of API keys by their address: in a second Region, those of the first, so that a client has one key for both. A key that is not named gets a value of its own."
  type        = map(string)
  default     = {}
  sensitive   = true
}

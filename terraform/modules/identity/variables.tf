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
  description = "Actions of each client, by `tenant/client`. An action is an OAuth scope; of a client that people sign in to, the most that any of them may do."
  type        = map(list(string))

  validation {
    condition     = alltrue([for actions in values(var.clients) : length(setsubtract(actions, ["tokenize", "import", "capture", "detokenize", "detokenize.masked", "search", "read", "subjects.read", "erase", "approve", "export"])) == 0 && length(actions) > 0])
    error_message = "clients: each has one or more of tokenize, import, capture, detokenize, detokenize.masked, search, read, subjects.read, erase, approve and export."
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

variable "people" {
  description = "The clients that people sign in to, by `tenant/client`: where Cognito may send them back to with a code, and after signing out, and how many hours a sign-in lasts. They have no secret and no API key."
  type = map(object({
    callback_urls = list(string)
    logout_urls   = optional(list(string), [])
    session_hours = optional(number, 12)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.people), keys(var.clients))) == 0 && length(setintersection(keys(var.people), keys(var.api_keys))) == 0
    error_message = "people: only of clients that there are, and that have no api_keys."
  }

  validation {
    condition     = alltrue(flatten([for client in values(var.people) : [for url in concat(client.callback_urls, client.logout_urls) : can(regex("^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\\.0\\.0\\.1)(:[0-9]{1,5})?)(/[A-Za-z0-9._~/-]*)?$", url))]]))
    error_message = "people: callback_urls and logout_urls are https://, or http:// on localhost or 127.0.0.1, without query and fragment. Cognito compares them whole."
  }

  validation {
    condition     = alltrue([for client in values(var.people) : length(client.callback_urls) >= 1 && length(client.callback_urls) <= 100 && length(client.logout_urls) <= 100 && client.session_hours >= 1 && client.session_hours <= 720 && floor(client.session_hours) == client.session_hours])
    error_message = "people: 1 to 100 callback_urls, at most 100 logout_urls, and session_hours a whole number from 1 to 720."
  }

  validation {
    condition     = alltrue([for client in values(var.people) : var.access_token_minutes <= 60 * client.session_hours])
    error_message = "people: an access token may not outlast a sign-in. Raise session_hours (60 minutes each), or lower access_token_minutes."
  }
}

variable "groups" {
  description = "Names of the groups that people may be in, as `tenant/group`."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.groups : can(regex("^[a-z][a-z0-9-]{0,31}/[a-z][a-z0-9_-]{0,31}$", name))])
    error_message = "groups: tenant/group, each of lower-case letters, digits, _ and -, starting with a letter, at most 32."
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

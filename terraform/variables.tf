variable "name" {
  description = "Name of this stack; every resource's name starts with it."
  type        = string
  default     = "tokenvault"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name: 2 to 21 lower-case letters, digits and hyphens, starting with a letter (pool domains and IAM roles are named after it)."
  }

  validation {
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
    condition     = !can(regex("aws|amazon|cognito", var.name))
    error_message = "name: without \"aws\", \"amazon\" and \"cognito\", which Cognito takes in no domain."
  }
}

variable "vault_id" {
  description = "Constant id of the vault. Every ciphertext is bound to it: keep it when tables are restored under other names, and never use it for a second vault."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,62}$", var.vault_id))
    error_message = "vault_id: 3 to 63 lower-case letters, digits and hyphens. Choose it once, for good."
  }
}

variable "region" {
  description = "The Region to deploy to."
  type        = string
}

variable "region_in_role_names" {
  description = "Whether the names of the functions' roles end with the Region, as roles are global: a stack of the same `name` in another Region needs it. False keeps the names of stacks made before; a change replaces the roles (docs/operations.md)."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

variable "info_types" {
  description = "Information types by name. Without a format, the name is the format. Times are in seconds. Options brand, bin_digits and fingerprint put what they tell of a card into its record in the clear: whoever steals the tables reads brand and BIN, and sees by fingerprints which records of a tenant are one card, in random types too; with the tokenizing role besides, guesses of a card's number can be confirmed, a KMS call each."
  type = map(object({
    format = optional(string)
    mode   = optional(string, "random")
    # For deterministic types: "kms" (the default) or "cached", which spends no KMS call and accepts that a
    # thief of the tenant's PRF key can try values offline.
    derivation = optional(string)
    # For deterministic types: the number of the tenant's PRF key that tokens are derived with, from 1 on. Another number is
    # another token for every value (docs/operations.md#replacing-a-tenants-prf-key).
    prf_key = optional(number)
    options = optional(object({
      # What tokens keep and masks show, for formats that can; docs/formats.md says which, and the defaults.
      keep_first   = optional(number)
      keep_last    = optional(number)
      mask_first   = optional(number)
      mask_last    = optional(number)
      keep_country = optional(bool)
      keep_year    = optional(bool)
      mask_year    = optional(bool)
      mask_domain  = optional(bool)
      # What answers tell of a card besides its token, of "card_number" and "card" alone. It stands in records in the clear: a
      # thief of the table reads it. The first 6 or 8 digits, no more of them than PCI SSC FAQ 1091 lets be stored of a
      # number of that length (8 of 16 digits, 6 of 15 and of over 16, of shorter ones none). What a display may show is
      # another rule (FAQ 1492): mask_first.
      brand      = optional(bool)
      bin_digits = optional(number)
      # What is the same for one card number within a tenant, whatever type, mode and subject (docs/adr/0011). It costs
      # a KMS call for each number, and counts against deterministic_tokens_per_hour, since it confirms a right guess.
      fingerprint = optional(bool)
      # What masks show of a "card" besides its number: the expiry, the first letter of each of the holder's names.
      mask_expiry   = optional(bool)
      mask_initials = optional(bool)
      # Years of people over this age are hidden in masks (45 CFR 164.514(b)(2)(i)(C)).
      mask_over_age = optional(number)
      # What values are.
      accept_itin                  = optional(bool)
      accept_unionpay_without_luhn = optional(bool)
      accept_unregistered          = optional(bool)
      accept_dots                  = optional(bool)
      accept_quoted                = optional(bool)
      accept_long_local            = optional(bool)
      accept_partial               = optional(bool)
      fold_local                   = optional(bool)
      normalize                    = optional(string)
      # For the format "standard_number": docs/standard-numbers.md lists the schemes.
      scheme = optional(string)
      # For the format "custom".
      alphabet     = optional(string)
      length       = optional(number)
      min_length   = optional(number) # of "digits", too
      max_length   = optional(number)
      pattern      = optional(string)
      check_digit  = optional(string)
      check_prefix = optional(string)
      fold         = optional(string)
      ignore       = optional(string)
    }), {})
    default_ttl_seconds = optional(number)
    max_ttl_seconds     = optional(number)
    # How many tokens of the type a tenant will have, erased ones included; a million where it is not said.
    # A type whose token space is too small for it is refused when the functions load the policy.
    expected_tokens = optional(number)
    # Tokens from elsewhere that values may be stored under (docs/adr/0016-tokens-from-elsewhere.md); none where it is
    # not said. pattern: characters and sets like [A-Za-z0-9], each with a number of places like {16}, or several such
    # with | between. own_shape: also such as look like tokens of this vault. values: also such as are valid values.
    imported_tokens = optional(object({
      pattern   = string
      own_shape = optional(bool, false)
      values    = optional(bool, false)
    }))
  }))

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.imported_tokens == null || type.mode == "random"])
    error_message = "info_types: deterministic types take no imported_tokens, since a value would have two tokens. Make a random type for values that have a token already."
  }

  validation {
    # The functions look closer when they load the policy: at how many places there are, 4 to 128.
    condition     = alltrue([for type in values(var.info_types) : type.imported_tokens == null ? true : can(regex("^((\\[([A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9._~-])+\\]|[A-Za-z0-9_~-])(\\{[0-9]{1,3}\\})?|\\|)+$", type.imported_tokens.pattern))])
    error_message = "info_types: the pattern of imported_tokens is characters and sets like [A-Za-z0-9], each with a number of places like {16}, or several such with | between; only A-Z, a-z, 0-9, - . _ ~, which paths take."
  }

  validation {
    condition     = length(var.info_types) > 0 && alltrue([for name in keys(var.info_types) : can(regex("^[a-z][a-z0-9_-]{0,31}$", name))])
    error_message = "info_types: give at least one; names are lower-case letters, digits, _ and -, starting with a letter, at most 32."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : contains(["random", "deterministic"], type.mode)])
    error_message = "info_types: mode is \"random\" (a new token each time) or \"deterministic\" (the same value, the same token)."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.derivation == null ? true : (type.mode == "deterministic" && contains(["kms", "cached"], type.derivation))])
    error_message = "info_types: derivation is \"kms\" (tokens go through a key that never leaves KMS) or \"cached\" (no KMS call; offline guessing by a thief of the key), for deterministic types only."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.prf_key == null ? true : (type.mode == "deterministic" && type.prf_key >= 1 && type.prf_key <= 999 && floor(type.prf_key) == type.prf_key)])
    error_message = "info_types: prf_key is a whole number from 1 to 999, for deterministic types only: nothing of a random type is derived. Leave it out for the first key."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.mode == "random" || (type.default_ttl_seconds == null && type.max_ttl_seconds == null)])
    error_message = "info_types: deterministic types take no time limit, since a token that comes free could go to another value. Remove default_ttl_seconds and max_ttl_seconds."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.max_ttl_seconds == null ? true : (type.default_ttl_seconds == null ? false : type.default_ttl_seconds <= type.max_ttl_seconds)])
    error_message = "info_types: a type with max_ttl_seconds needs a default_ttl_seconds that is not longer."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : contains(["card_number", "card", "us_ssn", "iban", "email", "phone", "date", "digits", "text", "json", "card_verification_code", "custom", "standard_number"], coalesce(type.format, name))])
    error_message = "info_types: a type's format, or its name where it has none, is card_number, card, us_ssn, iban, email, phone, date, digits, text, json, card_verification_code, custom or standard_number."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.expected_tokens == null ? true : (type.expected_tokens >= 1 && type.expected_tokens <= 1000000000000 && floor(type.expected_tokens) == type.expected_tokens)])
    error_message = "info_types: expected_tokens is a whole number from 1 to 1000000000000 (10^12). Leave it out for a million."
  }

  validation {
    # The API's own bound of ttl_seconds: 100 years of 366 days. Beyond it a moment is no longer one that DynamoDB or a calendar knows.
    condition     = alltrue(flatten([for type in values(var.info_types) : [for seconds in [type.default_ttl_seconds, type.max_ttl_seconds] : seconds == null ? true : (seconds >= 1 && seconds <= 3162240000 && floor(seconds) == seconds)]]))
    error_message = "info_types: default_ttl_seconds and max_ttl_seconds are whole seconds from 1 to 3162240000 (100 years). Leave them out for tokens that stay until they are erased."
  }

  validation {
    condition     = alltrue(flatten([for name, type in var.info_types : [for length in [type.options.length, type.options.min_length, type.options.max_length] : length == null ? true : (length >= (coalesce(type.format, name) == "custom" ? 4 : 3) && length <= 128 && floor(length) == length)]]))
    error_message = "info_types: length, min_length and max_length of the format custom are whole numbers from 4 to 128; min_length of digits begins at 3."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : coalesce(type.format, name) != "card_verification_code" ? true : (type.mode == "random" && type.default_ttl_seconds != null && coalesce(type.default_ttl_seconds, 2401) <= 2400 && coalesce(type.max_ttl_seconds, 2400) <= 2400)])
    error_message = "info_types: card_verification_code is sensitive authentication data: random, with a default_ttl_seconds, and no time limit over 2400 (PCI DSS 3.3.1)."
  }

  validation {
    condition     = alltrue(flatten([for type in values(var.info_types) : [for count in [type.options.keep_first, type.options.keep_last, type.options.mask_first, type.options.mask_last] : count == null ? true : (count >= 0 && floor(count) == count)]]))
    error_message = "info_types: keep_first, keep_last, mask_first and mask_last are whole numbers from 0 on; docs/formats.md says how far each format goes."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.options.bin_digits == null ? true : contains([6, 8], type.options.bin_digits)])
    error_message = "info_types: bin_digits is 6 or 8. Leave it out for answers and records without a BIN."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : contains(["card_number", "card"], coalesce(type.format, name)) ? true : (type.options.brand == null && type.options.bin_digits == null && type.options.fingerprint == null)])
    error_message = "info_types: brand, bin_digits and fingerprint are options of the formats card_number and card."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : coalesce(type.format, name) == "card" ? true : (type.options.mask_expiry == null && type.options.mask_initials == null)])
    error_message = "info_types: mask_expiry and mask_initials are options of the format card."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : coalesce(type.format, name) != "custom" ? true : (type.options.pattern != null ? (type.options.alphabet == null && type.options.length == null && type.options.min_length == null && type.options.max_length == null) : (type.options.alphabet != null && (type.options.length != null) != (type.options.min_length != null && type.options.max_length != null)))])
    error_message = "info_types: the format custom needs a pattern, or an alphabet with either length or min_length and max_length."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : coalesce(type.format, name) == "custom" ? true : (type.options.alphabet == null && type.options.length == null && type.options.max_length == null && type.options.pattern == null && type.options.check_digit == null && type.options.check_prefix == null && type.options.fold == null && type.options.ignore == null && (type.options.min_length == null || coalesce(type.format, name) == "digits"))])
    error_message = "info_types: alphabet, length, max_length, pattern, check_digit, check_prefix, fold and ignore are options of the format custom; min_length is one of custom and digits."
  }

  validation {
    condition     = alltrue([for name, type in var.info_types : (coalesce(type.format, name) == "standard_number") == (type.options.scheme != null)])
    error_message = "info_types: the format standard_number needs a scheme, and no other format takes one."
  }

  validation {
    condition     = alltrue([for type in values(var.info_types) : type.options.check_digit == null ? true : contains(["none", "luhn", "mod97", "mrz"], type.options.check_digit)])
    error_message = "info_types: check_digit is \"luhn\" (of digits), \"mod97\" (of digits and capital letters), \"mrz\" (of travel documents) or \"none\"."
  }
}

variable "tenants" {
  description = "Tenants by name, and what each of their clients may do: which actions, with which information types ([\"*\"]: all, those that are added later too)."
  type = map(object({
    # Tokens that nobody has a reason to detokenize. Who does raises the metric CanaryRevealed.
    canaries = optional(list(string), [])
    # What people may do who sign in to a client of kind "browser": what one of their groups allows, within what the
    # client may. Budgets are each person's own. Who is in a group, an administrator of the user pool says.
    groups = optional(map(object({
      actions                       = list(string)
      types                         = list(string)
      purposes                      = optional(list(string), [])
      reveals_per_hour              = optional(number)
      searches_per_hour             = optional(number)
      deterministic_tokens_per_hour = optional(number)
    })), {})
    clients = map(object({
      actions  = list(string)
      types    = optional(list(string))
      purposes = optional(list(string), [])
      # "service": asks for itself, with a secret and an API key. "browser": people sign in to it, in a browser or
      # with `tokenvault login`; no secret, no API key, no throttle of its own (docs/browsers.md).
      kind = optional(string, "service")
      # Where a sign-in may end, compared whole. By default where `tokenvault login` listens.
      callback_urls = optional(list(string), ["http://127.0.0.1:43117/", "http://127.0.0.1:43118/", "http://127.0.0.1:43119/"])
      logout_urls   = optional(list(string), [])
      session_hours = optional(number, 12)
      # Whether its reveals may say, on its word alone, for which person they are (docs/audit.md).
      on_behalf_of = optional(bool, false)
      # Whose signed word for it its reveals may pass on, as a JWT (docs/audit.md#whom-a-service-asks-for): public keys in
      # PEM by their ids (kid), ES256 or RS256, two while one follows the other. required: it reveals nothing without.
      assertions = optional(object({
        issuer          = string
        audience        = string
        keys            = map(string)
        max_age_seconds = optional(number, 300)
        required        = optional(bool, false)
      }))
      # Which of its full reveals a second person has to approve (docs/operations.md#approval-by-a-second-person): over so
      # many values in an hour, in all Regions together (0: all of them), and of these types. Each of its exports, too.
      approval = optional(object({
        over_per_hour = optional(number)
        types         = optional(list(string), [])
        valid_seconds = optional(number, 3600)
      }))
      # All that it may reveal in full: fields of values that are objects, as those of the format "card" are. Then it reveals
      # no whole value, and nothing of types without fields. Without it there is no such limit.
      fields = optional(list(string))
      # Names of its API keys: one, or two while one takes the place of the other (docs/operations.md).
      api_keys = optional(list(string), ["a"])
      # How much in an hour, in all Regions together; no limit where nothing is said. Masked reveals count too.
      # A card whose type has fingerprints counts as a deterministic token.
      reveals_per_hour              = optional(number)
      searches_per_hour             = optional(number)
      deterministic_tokens_per_hour = optional(number)
      throttle = optional(object({
        requests_per_second = optional(number, 50)
        burst               = optional(number, 100)
        requests_per_day    = optional(number)
      }), {})
    }))
  }))

  validation {
    condition     = alltrue(concat([for name in keys(var.tenants) : can(regex("^[a-z][a-z0-9-]{0,31}$", name))], flatten([for tenant in values(var.tenants) : [for name in keys(tenant.clients) : can(regex("^[a-z][a-z0-9_-]{0,31}$", name))]])))
    error_message = "tenants: names of tenants and clients are lower-case letters, digits and -, starting with a letter, at most 32."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : [for action in client.actions : contains(["tokenize", "import", "capture", "detokenize", "detokenize.masked", "search", "read", "subjects.read", "erase", "approve", "export"], action)]]]))
    error_message = "tenants: actions are tokenize, import, capture, detokenize, detokenize.masked, search, read, subjects.read, erase, approve and export."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : !contains(client.actions, "import") || length(setsubtract(client.actions, ["import", "read"])) == 0]]))
    error_message = "tenants: a client that may import has no other action than read beside it. Make another client for the rest."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : contains(["service", "browser"], client.kind)]]))
    error_message = "tenants: a client's kind is \"service\" (it asks for itself) or \"browser\" (people sign in to it)."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.kind == "service" || !contains(client.actions, "capture")]]))
    error_message = "tenants: capture is for clients of kind \"service\": a back end begins the session and hands it to its page (docs/browsers.md)."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.kind == "service" || !client.on_behalf_of]]))
    error_message = "tenants: on_behalf_of is not for clients of kind \"browser\": whoever signed in is on record already."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : [for url in concat(client.callback_urls, client.logout_urls) : can(regex("^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\\.0\\.0\\.1)(:[0-9]{1,5})?)(/[A-Za-z0-9._~/-]*)?$", url))]]]))
    error_message = "tenants: callback_urls and logout_urls are https://, or http:// on localhost or 127.0.0.1, without query and fragment. Cognito compares them whole, so write each as the page has it."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : length(client.callback_urls) >= 1 && length(client.callback_urls) <= 100 && length(client.logout_urls) <= 100 && client.session_hours >= 1 && client.session_hours <= 720 && floor(client.session_hours) == client.session_hours]]))
    error_message = "tenants: a client has 1 to 100 callback_urls, at most 100 logout_urls, and session_hours that are a whole number from 1 to 720."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for name, group in tenant.groups : can(regex("^[a-z][a-z0-9_-]{0,31}$", name)) && length(group.actions) > 0 && length(setsubtract(group.actions, ["tokenize", "detokenize", "detokenize.masked", "search", "read", "subjects.read", "erase", "approve", "export"])) == 0 && alltrue([for purpose in group.purposes : can(regex("^[a-z][a-z0-9_-]{0,31}$", purpose))])]]))
    error_message = "tenants: groups and their purposes are named like clients, and a group has one or more of the actions tokenize, detokenize, detokenize.masked, search, read, subjects.read, erase, approve and export."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for group in values(tenant.groups) : length(group.types) > 0 && alltrue([for type in group.types : type == "*" ? length(group.types) == 1 : contains(keys(var.info_types), type)]) && (length(setintersection(group.actions, ["detokenize", "export"])) == 0 || length(group.purposes) > 0)]]))
    error_message = "tenants: a group's types are names in info_types, or [\"*\"] alone for all of them; one that may detokenize in full or export needs a purpose."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for group in values(tenant.groups) : [for limit in [group.reveals_per_hour, group.searches_per_hour, group.deterministic_tokens_per_hour] : limit == null ? true : (limit >= 1 && limit <= 1000000000 && floor(limit) == limit)]]]))
    error_message = "tenants: a group's budgets are whole numbers from 1 to 1000000000 (10^9) an hour for each person. Leave one out for no limit; take the action away for none at all."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : length(client.actions) > 0]]))
    error_message = "tenants: a client needs at least one action. Remove clients that may do nothing."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : [for purpose in client.purposes : can(regex("^[a-z][a-z0-9_-]{0,31}$", purpose))]]]))
    error_message = "tenants: purposes are lower-case letters, digits, _ and -, starting with a letter, at most 32."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : length(setintersection(client.actions, ["detokenize", "export"])) == 0 || length(client.purposes) > 0]]))
    error_message = "tenants: a client that may detokenize in full or export needs at least one purpose to do it for; every reveal and export is on record with its purpose."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : !contains(client.actions, "export") || (client.fields == null && !try(client.assertions.required, false))]]))
    error_message = "tenants: a client that may export is not held to fields, nor to assertions (required): an export gives whole values, and names nobody but who signed in. Make another client for it."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : !client.on_behalf_of || length(setintersection(client.actions, ["detokenize", "detokenize.masked"])) > 0]]))
    error_message = "tenants: on_behalf_of is for clients that detokenize. Take it away from the others."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.assertions == null ? true : (client.kind == "service" && length(setintersection(client.actions, ["detokenize", "detokenize.masked"])) > 0)]]))
    error_message = "tenants: assertions are for clients of kind \"service\" that detokenize. Take them away from the others."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.assertions == null ? true : (alltrue([for text in concat([client.assertions.issuer, client.assertions.audience], keys(client.assertions.keys)) : length(text) >= 1 && length(text) <= 256]) && length(client.assertions.keys) >= 1 && length(client.assertions.keys) <= 10 && alltrue([for key in values(client.assertions.keys) : can(regex("^-----BEGIN PUBLIC KEY-----(MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==|MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A[A-Za-z0-9+/=]{360}|MIIBojANBgkqhkiG9w0BAQEFAAOCAY8A[A-Za-z0-9+/=]{532}|MIICIjANBgkqhkiG9w0BAQEFAAOCAg8A[A-Za-z0-9+/=]{704})-----END PUBLIC KEY-----$", replace(key, "\n", "")))]))]]))
    error_message = "tenants: assertions name an issuer and an audience of 1 to 256 characters, and 1 to 10 public keys in PEM (\"BEGIN PUBLIC KEY\") by their ids, of P-256, or of RSA with 2048, 3072 or 4096 bits. A private key never belongs here."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.assertions == null ? true : (client.assertions.max_age_seconds >= 1 && client.assertions.max_age_seconds <= 3600 && floor(client.assertions.max_age_seconds) == client.assertions.max_age_seconds)]]))
    error_message = "tenants: max_age_seconds of assertions is a whole number from 1 to 3600."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.fields == null ? true : (length(client.fields) > 0 && length(setsubtract(client.fields, ["number", "expiry", "holder"])) == 0 && contains(client.actions, "detokenize"))]]))
    error_message = "tenants: fields are number, expiry and holder, at least one of them, of a client that may detokenize. Leave fields out for no limit; take the action away for no full reveal at all."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.approval == null ? true : length(setintersection(client.actions, ["detokenize", "export"])) > 0 && (client.approval.over_per_hour != null || length(client.approval.types) > 0)]]))
    error_message = "tenants: approval is for clients that detokenize in full or export, and names over_per_hour (0: all reveals), types, or both. Leave it out where no second person is needed."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.approval == null ? true : (client.approval.over_per_hour == null ? true : client.approval.over_per_hour >= 0 && client.approval.over_per_hour <= 1000000000 && floor(client.approval.over_per_hour) == client.approval.over_per_hour) && client.approval.valid_seconds >= 60 && client.approval.valid_seconds <= 86400 && floor(client.approval.valid_seconds) == client.approval.valid_seconds]]))
    error_message = "tenants: approval has an over_per_hour that is a whole number from 0 to 1000000000, and valid_seconds from 60 to 86400, which is a day: the time from asking to the reveal."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.approval == null ? [true] : [for type in client.approval.types : client.types == null ? true : contains(client.types, type) || (contains(client.types, "*") && contains(keys(var.info_types), type))]]]))
    error_message = "tenants: the types of approval are names in info_types that the client may use. Add them to its types, or take them away there."
  }

  validation {
    condition     = alltrue([for tenant in values(var.tenants) : alltrue([for client in values(tenant.clients) : client.approval == null]) || anytrue([for client in values(tenant.clients) : contains(client.actions, "approve") && (client.kind == "service" || anytrue([for group in values(tenant.groups) : contains(group.actions, "approve")]))])])
    error_message = "tenants: where reveals or exports need approval, a client of the same tenant needs the action approve, and of one for people a group as well: give it to one that other people use."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : length(client.api_keys) >= 1 && length(client.api_keys) <= 2 && length(distinct(client.api_keys)) == length(client.api_keys) && alltrue([for name in client.api_keys : can(regex("^[a-z0-9][a-z0-9-]{0,15}$", name))])]]))
    error_message = "tenants: api_keys are one or two different names of lower-case letters, digits and -, at most 16. Add a second one, hand it out, then remove the first."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : try(length(client.types) > 0, false)]]))
    error_message = "tenants: each client names the information types that it may use. Write types = [\"card_number\"], with names in info_types, or types = [\"*\"] for all, those that are added later too."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.types == null ? [true] : [for type in client.types : type == "*" ? length(client.types) == 1 : contains(keys(var.info_types), type)]]]))
    error_message = "tenants: a client's types are names in info_types, or [\"*\"] alone for all of them."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : [for limit in [client.reveals_per_hour, client.searches_per_hour, client.deterministic_tokens_per_hour] : limit == null ? true : (limit >= 1 && floor(limit) == limit)]]]))
    error_message = "tenants: budgets are whole numbers from 1 on. Leave one out for no limit; take the action away for none at all."
  }

  validation {
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : [for limit in [client.reveals_per_hour, client.searches_per_hour, client.deterministic_tokens_per_hour] : limit == null ? true : limit <= 1000000000000]]]))
    error_message = "tenants: budgets are at most 1000000000000 (10^12) an hour. Leave one out for no limit."
  }

  validation {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    condition     = alltrue(flatten([for tenant in values(var.tenants) : [for client in values(tenant.clients) : client.throttle.requests_per_second > 0 && alltrue([for count in [client.throttle.burst, coalesce(client.throttle.requests_per_day, 1)] : count >= 1 && count <= 2147483647 && floor(count) == count])]]))
    error_message = "tenants: a throttle has requests_per_second over 0, and burst and requests_per_day that are whole numbers from 1 to 2147483647. Leave requests_per_day out for no quota."
  }
}

variable "allowed_origins" {
  description = "Origins whose pages may read what the API answers, as browsers write them: https://shop.example. Empty: no page of another origin can call the API (docs/browsers.md)."
  type        = list(string)
  default     = []

  validation {
    # RFC 6454, section 6.2: in lower case, and without the port that the scheme stands for.
    condition = alltrue([for origin in var.allowed_origins : can(regex("^(https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*(:[1-9][0-9]{0,4})?|http://(localhost|127[.]0[.]0[.]1):[1-9][0-9]{0,4})$", origin))
    && !can(regex("^https:.*:443$|^http:.*:80$", origin)) && try(tonumber(regex(":([0-9]+)$", origin)[0]), 1) <= 65535])
    error_message = "allowed_origins: each is https://, a host in lower case and, if it is not 443, a port: https://shop.example or https://shop.example:8443. For development, http://localhost or http://127.0.0.1 with a port. No path, no slash at the end, no *: name each origin."
  }

  validation {
    condition     = length(distinct(var.allowed_origins)) == length(var.allowed_origins)
    error_message = "allowed_origins: name each origin once."
  }

  validation {
    # A function's whole environment has 4 KB.
    condition     = length(var.allowed_origins) <= 10 && length(join(",", var.allowed_origins)) <= 1000
    error_message = "allowed_origins: at most 10, of 1000 characters together. Let more applications call from one origin, or a back end call for them."
  }
}

variable "deletion_protection" {
  description = "Whether tables and the user pool refuse to be deleted, and buckets and the backup vault while anything is in them. Switch it off and apply before a destroy."
  type        = bool
  default     = true
}

variable "key_deletion_window_days" {
  description = "Days between scheduling a KMS key's deletion and losing everything it wraps."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_window_days >= 7 && var.key_deletion_window_days <= 30
    error_message = "key_deletion_window_days: KMS takes 7 to 30 days."
  }
}

variable "key_administrator_arns" {
  description = "IAM principals that administer the KMS keys, without use of them. Empty: whoever the account's IAM policies allow to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.key_administrator_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "key_administrator_arns: ARNs of IAM roles or users."
  }
}

variable "auditor_arns" {
  description = "IAM principals that may unwrap the keys of audit chains, to verify them: `tokenvault audit verify`. Give them a role that nothing else uses."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.auditor_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "auditor_arns: ARNs of IAM roles or users."
  }
}

variable "key_cache_seconds" {
  description = "How long a function holds an unwrapped key before it asks KMS again."
  type        = number
  default     = 300

  validation {
    condition     = var.key_cache_seconds >= 1 && var.key_cache_seconds <= 3600
    error_message = "key_cache_seconds: 1 to 3600. Shorter: a revoked key is felt sooner. Longer: fewer KMS calls."
  }
}

variable "seal_per_request" {
  description = "Whether the records of a request share one key agreement, which costs less. Off while functions of an earlier release still read in any Region: they cannot open such records."
  type        = bool
  default     = true
}

variable "fast_path" {
  description = "Whether calls of DynamoDB and KMS take tokenvault's fast path, or boto3's own way from the first byte: a fifth to a half more CPU of a request, and nothing else. Switch it off to see whether a fault lies there."
  type        = bool
  default     = true
}

variable "memory_mb" {
  description = "Memory of each function in MB; CPU goes with it."
  type = object({
    tokenize = optional(number, 1024)
    reveal   = optional(number, 1024)
    maintain = optional(number, 512)
    archive  = optional(number, 512)
  })
  default = {}

  validation {
    condition     = alltrue([for mb in values(var.memory_mb) : mb >= 256 && mb <= 10240])
    error_message = "memory_mb: 256 to 10240 for each function."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept. The audit trail is a table of its own and is not touched by this."
  type        = number
  default     = 400

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: one of CloudWatch's periods from 30 days on, such as 90, 365, 400 or 731."
  }
}

variable "manage_api_gateway_account" {
  description = "Whether to set the role that API Gateway logs with in this Region, for every API of the account. True only if the account is this stack's alone; terraform/bootstrap sets it once otherwise. Without any role API Gateway refuses the stage."
  type        = bool
  default     = false
}

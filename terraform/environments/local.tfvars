# The stack on a developer's machine: two tenants, short windows, nothing that keeps it from being torn down.
region                   = "us-east-1"
vault_id                 = "local-vault"
deletion_protection      = false
key_deletion_window_days = 7
network                  = null
firewall                 = null

manage_api_gateway_account = true # the emulator's account is this stack's alone

info_types = {
  card_number = { options = { keep_last = 4 } }
  email       = {}
  text        = {}
  member_card = { format = "card_number", mode = "deterministic" }
  note        = { format = "text", mode = "deterministic", derivation = "cached" }
}

tenants = {
  shop = {
    canaries = ["4000000000000028"] # planted in a list of card tokens, say; nobody was ever given it
    clients = {
      checkout   = { actions = ["tokenize", "read", "capture"], types = ["*"] }
      settlement = { actions = ["detokenize"], types = ["*"], purposes = ["settlement", "refund"] }
      support    = { actions = ["detokenize.masked", "read"], types = ["*"], reveals_per_hour = 90 }
      privacy    = { actions = ["erase", "search", "subjects.read"], types = ["*"] }
      # Signed in to by people: `tokenvault login`.
      desk = {
        kind     = "browser"
        actions  = ["detokenize", "detokenize.masked", "read"]
        types    = ["*"]
        purposes = ["refund"]
      }
    }
    groups = {
      support = { actions = ["detokenize.masked", "read"], types = ["*"] }
      refunds = { actions = ["detokenize"], types = ["card_number", "text"], purposes = ["refund"], reveals_per_hour = 20 }
    }
  }
  clinic = {
    clients = {
      intake = {
        actions  = ["tokenize", "detokenize", "search", "read", "subjects.read", "erase"]
        types    = ["*"]
        purposes = ["treatment"]
      }
    }
  }
}

"""The audit trail: events, the chains that they form, where they lie, checkpoints and the archive."""

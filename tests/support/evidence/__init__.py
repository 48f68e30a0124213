"""What an auditor files: `make evidence` writes it, and `docs/compliance.md` says what it is."""

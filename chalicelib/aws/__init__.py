"""Access to AWS: clients, and what makes their calls fast."""

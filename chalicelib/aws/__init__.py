"""The way to AWS: clients, and what makes their calls quick."""

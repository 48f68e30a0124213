"""The HTTP API: JSON to commands, results and errors to JSON. Knows nothing of Chalice."""

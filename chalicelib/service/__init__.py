"""The use cases, in sentences. Everything that reaches the outside world is handed in."""

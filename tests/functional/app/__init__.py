"""The Chalice app with events as API Gateway sends them: both functions of the one package."""

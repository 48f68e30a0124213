"""The description of the API (`docs/openapi.json`), made from the code's own types; never in the package."""

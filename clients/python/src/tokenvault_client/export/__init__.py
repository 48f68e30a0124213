"""Export files: carried from the service to a file, and opened by the recipient (docs/exports.md)."""

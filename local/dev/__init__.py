"""The API without Terraform: what Terraform applied, made again from a snapshot of it."""

"""Keys, and records sealed with them. `kms.py` is the only module that talks to AWS KMS."""

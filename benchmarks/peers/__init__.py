"""Beside a peer: nodii-pii over the same stubbed AWS, and what needs no vault. See `make bench-peers`."""

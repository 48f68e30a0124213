"""Whole files taken in, beside what there was before and what needs no vault. See `make bulk-bench`."""

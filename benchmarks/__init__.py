"""Measures what an operation costs: our CPU, calls to AWS, units, bytes, money. `make bench` runs it."""

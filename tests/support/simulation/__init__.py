"""A deterministic simulator of Regions that all serve: everything that happens follows from a seed.

The use cases are the product's own, over tables in memory that replicate late (`tests.support.replication`).
Simulated are time, randomness, replication, and what becomes of each call of a container. There are no
threads: what happens side by side happens while a call of a container waits.
"""

"""Imports and exports of any size over S3, by many functions at once: what the module `bulk` runs (ADR 20).

Reads and writes with the client's code (`tokenvault_client.bulk`), and imports nothing of the service.
"""

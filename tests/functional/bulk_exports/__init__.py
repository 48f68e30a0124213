"""Exports over S3, step by step: what lies in the bucket is what the next run goes on from."""

"""Moves of a type's tokens to another PRF key."""

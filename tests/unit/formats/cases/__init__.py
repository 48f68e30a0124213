"""What the invariants are tried on: for each format, its values and the ways to spell them."""

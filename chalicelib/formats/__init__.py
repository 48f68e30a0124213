"""Token formats: what values of a type look like, and what their tokens look like. Pure."""

"""Numbers of countries and institutions: how they are read, and what they and their tokens look like."""

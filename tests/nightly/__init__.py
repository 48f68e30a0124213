"""What takes more than the development environment has: run by name, and not with the suite."""

"""The command line tool `tokenvault`."""

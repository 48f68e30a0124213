"""Tests on every Python that is supported and on this machine (`make test-pythons`)."""

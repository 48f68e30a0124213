"""`python -m tokenvault_client`: the command line tool."""

import sys

from tokenvault_client.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

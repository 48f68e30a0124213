"""The options of commands that read an audit trail."""

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path


def add_trail(command: argparse.ArgumentParser) -> None:
    """Adds what names a trail, and what its check needs."""
    command.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="files or folders (default: stdin)"
    )
    command.add_argument("--table", metavar="NAME", help="the audit table, instead of files")
    command.add_argument("--vault-id", required=True, metavar="ID", help="Terraform's output vault_id")
    about = "the key that wraps the chains' keys"
    command.add_argument("--kms-key", required=True, type=_key_arn, metavar="ARN", help=about)
    command.add_argument(
        "--require-covered-until",
        "--until",
        dest="until",
        type=moment,
        metavar="TIME",
        help="end of the audited time, up to which checkpoints have to vouch for the ends of chains, such as "
        "2026-01-31T12:00Z; UTC if it names no zone (default: now, less 75 minutes)",
    )
    command.add_argument(
        "--folder", type=Path, metavar="DIR", help="folder for sorting; needs as much space as the input"
    )


def moment(text: str) -> datetime:
    """A time of an option, in UTC if it names no zone. Raises argparse's error."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a time such as 2026-01-31T12:00Z is needed") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _key_arn(text: str) -> str:
    if not re.fullmatch(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", text):
        raise argparse.ArgumentTypeError("the ARN of a KMS key is needed")
    return text

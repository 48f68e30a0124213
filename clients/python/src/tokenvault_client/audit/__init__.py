"""Checks an audit trail: that nothing was taken out, changed, exchanged, cut off or made up.

    report = verify(read_files(paths), vault_id="...", unwrap=KmsKeys(kms, key_arn))

Needs the standard library only; boto3's clients are handed in. `docs/audit.md` says what is checked and how.
"""

from tokenvault_client.audit.accesses import Access, Question, accesses
from tokenvault_client.audit.erasures import Erasures
from tokenvault_client.audit.events import Event
from tokenvault_client.audit.keys import KeyRefused, KmsKeys, Unwrap
from tokenvault_client.audit.reading import Unreadable, WrongEncoding, read_files, read_lines, read_table
from tokenvault_client.audit.report import Container, Finding, Kind, Progress, Report
from tokenvault_client.audit.verifying import verify, verify_table

__all__ = [
    "Access",
    "Container",
    "Erasures",
    "Event",
    "Finding",
    "KeyRefused",
    "Kind",
    "KmsKeys",
    "Progress",
    "Question",
    "Report",
    "Unreadable",
    "Unwrap",
    "WrongEncoding",
    "accesses",
    "read_files",
    "read_lines",
    "read_table",
    "verify",
    "verify_table",
]

"""Looking a deployed stack over by calls: what each check found, and nothing changed but a marked test token.

Needs the standard library only; boto3's clients are handed in. `docs/operations.md` says what is checked, and
what only people can.
"""

from tokenvault_client.doctor.examination import Reached, examine
from tokenvault_client.doctor.findings import Finding, State
from tokenvault_client.doctor.outputs import Outputs, read_outputs
from tokenvault_client.doctor.visitor import Visitor

__all__ = ["Finding", "Outputs", "Reached", "State", "Visitor", "examine", "read_outputs"]

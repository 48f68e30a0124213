"""The audit event of a request, as it begins: who asks for what."""

from dataclasses import replace
from typing import Final

from chalicelib.audit.events import AuditAction, AuditEvent
from chalicelib.caller import Caller

OPERATOR: Final = "~operator"
"""Stands for the client in the events of jobs that an operator began. Names of clients hold no `~`."""


def event_of(caller: Caller, action: AuditAction, request_id: str) -> AuditEvent:
    """What goes on record of any request: the client, and the person who signed in to it, if any did."""
    event = AuditEvent(caller.tenant, caller.client, action, request_id)
    if caller.user is None:
        return event
    return replace(event, user_sub=caller.user.sub, username=caller.user.username)

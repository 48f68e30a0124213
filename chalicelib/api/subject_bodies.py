"""The body of what is kept of a subject."""

from chalicelib.api import cursors
from chalicelib.api.bodies import FailedTokenBody, ItemErrorBody, SubjectBody, timestamp, token_body
from chalicelib.model import TokenFacts
from chalicelib.service.subject_reader import FailedToken, SubjectPage


def subject_body(page: SubjectPage) -> SubjectBody:
    """A page of a subject's tokens. The subject is not repeated: what somebody sent as one may be a value."""
    failed = [_failed_token(entry) for entry in page.entries if isinstance(entry, FailedToken)]
    facts = [token_body(entry) for entry in page.entries if isinstance(entry, TokenFacts)]
    return SubjectBody(facts, failed, timestamp(page.erased_at), cursors.written(page.last))


def _failed_token(entry: FailedToken) -> FailedTokenBody:
    return FailedTokenBody(entry.token, ItemErrorBody(entry.error.code, entry.error.detail))

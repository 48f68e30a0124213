"""What an information type of the policy may say, apart from its format."""

from collections.abc import Iterator

from chalicelib.auth.documents import TypeDocument
from chalicelib.model import FIRST_PRF_KEY, MAX_PRF_KEY, MAX_TTL_SECONDS


def mode_problems(written: TypeDocument) -> Iterator[str]:
    """What makes no sense in the type's mode, and limits and numbers that are none."""
    default, longest = written.default_ttl_seconds, written.max_ttl_seconds
    if any(limit is not None and not 1 <= limit <= MAX_TTL_SECONDS for limit in (default, longest)):
        yield f"has a time limit that is not from 1 to {MAX_TTL_SECONDS} seconds"
    if longest is not None and (default is None or default > longest):
        yield "has max_ttl_seconds, and needs a default_ttl_seconds that is not longer"
    if written.mode == "random" and written.derivation is not None:
        yield "has a derivation but is not deterministic"
    if written.mode == "random" and written.prf_key is not None:
        yield "has a prf_key but is not deterministic: nothing of a random type is derived with one"
    if written.prf_key is not None and not FIRST_PRF_KEY <= written.prf_key <= MAX_PRF_KEY:
        yield f"has a prf_key that is not a number from {FIRST_PRF_KEY} to {MAX_PRF_KEY}"
    if written.mode == "deterministic" and written.imported_tokens is not None:
        yield "is deterministic and so takes no imported tokens: a value would have two"
    if written.mode == "deterministic" and (default, longest) != (None, None):
        yield "is deterministic and so takes no time limit"


def limit_problems(written: TypeDocument, longest: int | None) -> Iterator[str]:
    """Whether tokens live longer than the rules for values of the format allow."""
    if longest is None:
        return
    if written.default_ttl_seconds is None:
        yield "holds values that may not be kept: it must be random and have a default time limit"
    if any((limit or 0) > longest for limit in (written.default_ttl_seconds, written.max_ttl_seconds)):
        yield f"has a time limit over {longest} seconds, the longest for values of its format"

"""Which texts that stand in place of tokens are tokens, and may be repeated for good.

A format promises that none of its tokens is a value of it, and cannot promise it for other types: digits that
fail one type's check are another one's account number. In the clear, in a table and for good, no value may
stand (PCI DSS 4.0.1, 3.5.1).
"""

from collections.abc import Iterable, Sequence

from chalicelib.auth.policy import Policy
from chalicelib.errors import StoreUnavailable
from chalicelib.formats.card_detector import looks_like_card
from chalicelib.formats.opaque import Opaque
from chalicelib.service.importable import is_importable
from chalicelib.vault.tokens import TokenKey, TokenStore, Vacant


def has_token_form(policy: Policy, text: str) -> bool:
    """Whether a type of the policy recognizes a text as one of its tokens, and it is no card number, or takes
    such texts as tokens from elsewhere."""
    own = any(each.format.recognizes(text) for each in policy.types.values())
    return (own and not looks_like_card(text)) or is_importable(policy, text)


def certain_tokens(policy: Policy, store: TokenStore, tenant: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the texts that are tokens, each once, in order: by their form if it is of opaque tokens.

    What has the form of another token may be a value of some type, or one that was mistyped. It is looked up,
    and is a token if something lies under it, a tombstone too. While the store does not answer it is not
    taken for one. Raises nothing.
    """
    formed = [text for text in dict.fromkeys(texts) if has_token_form(policy, text)]
    doubtful = [text for text in formed if not _has_opaque_form(policy, text)]
    unknown = set(doubtful) - _found(store, tenant, doubtful)
    return tuple(text for text in formed if text not in unknown)


def _has_opaque_form(policy: Policy, text: str) -> bool:
    """Whether a text has a type's name before it and a checksum behind it, as no value has by chance."""
    formats = (each.format for each in policy.types.values())
    return any(isinstance(each, Opaque) and each.recognizes(text) for each in formats)


def _found(store: TokenStore, tenant: str, texts: Sequence[str]) -> set[str]:
    if not texts:
        return set()
    try:
        stored = store.find([TokenKey(tenant, text) for text in texts])
    except StoreUnavailable:
        return set()
    return {each.key.token for each in stored if not isinstance(each, Vacant)}

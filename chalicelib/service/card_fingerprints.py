"""Fingerprints of cards: one for each number in a tenant, so that two tokens are known to be one card."""

from chalicelib.crypto.prf import card_fingerprint, card_mac_message
from chalicelib.formats.base import DescribesCards
from chalicelib.model import RecordDraft
from chalicelib.service.batch import Batch
from chalicelib.service.macs import Macs
from chalicelib.vault.keyring import PrfKeyring


class CardFingerprints:
    """Makes the fingerprints of cards whose type has them.

    Always through KMS, of types with `derivation: cached` too: a record tells up to twelve digits of its
    number, so whoever could compute fingerprints on their own would have the rest in a moment (ADR 11).
    """

    def __init__(self, keys: PrfKeyring, macs: Macs) -> None:
        self._keys, self._macs = keys, macs

    def bind(self, tenant: str, batch: Batch) -> None:
        """Gives each card its fingerprint, at one call to KMS for each distinct number.

        Values of types without cost nothing. Raises `KeyUnavailable`.
        """
        cards = [item for item in batch if item.draft.type.has_fingerprints]
        if not cards:
            return
        key, context = self._keys.key(tenant), self._keys.context(tenant)
        messages = [card_mac_message(context, key.card_index(_number(card.draft))) for card in cards]
        macs = self._macs.of(messages)
        for card, message in zip(cards, messages, strict=True):
            card.bind_fingerprint(card_fingerprint(macs[message]))


def _number(draft: RecordDraft) -> str:
    """The number alone: one card with two expiries is one card. Raises `TypeError` (a bug) for no card."""
    card = draft.type.format
    if not isinstance(card, DescribesCards):
        raise TypeError("only cards have fingerprints")
    return card.number(draft.value.reveal())

"""From deterministic values to what follows from them: a fingerprint, and the places of their tokens."""

from collections.abc import Sequence

from chalicelib.crypto.prf import Derived, PrfKey, mac_message
from chalicelib.model import RecordDraft
from chalicelib.service.macs import Macs
from chalicelib.vault.keyring import PrfKeyring


class Deriver:
    """Derives from values. `kms` types cost one call to KMS for each distinct value."""

    def __init__(self, keys: PrfKeyring, macs: Macs) -> None:
        self._keys, self._macs = keys, macs

    def derive(self, tenant: str, drafts: Sequence[RecordDraft]) -> list[Derived]:
        """What follows from each value, in order; calls to KMS go side by side.

        Raises `KeyUnavailable`.
        """
        if not drafts:
            return []
        context, keys = self._keys.context(tenant), {draft.type.prf_key for draft in drafts}
        prf = {number: self._keys.key(tenant, number) for number in sorted(keys)}
        indexes = [_index(prf[draft.type.prf_key], draft) for draft in drafts]
        messages = {
            index: mac_message(context, index)
            for draft, index in zip(drafts, indexes, strict=True)
            if draft.type.derivation == "kms"
        }
        macs = self._macs.of(messages.values())
        seeds = {index: macs[message] for index, message in messages.items()}
        return [
            Derived.from_seed(draft.type.derivation, seeds.get(index, index))
            for draft, index in zip(drafts, indexes, strict=True)
        ]


def _index(key: PrfKey, draft: RecordDraft) -> bytes:
    return key.blind_index(draft.type.name, draft.subject or "", draft.value.reveal())

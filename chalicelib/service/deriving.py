"""From deterministic values to what follows from them: a fingerprint, and the places of their tokens."""

from collections.abc import Sequence
from concurrent.futures import Executor

from chalicelib.crypto.prf import Derived, GenerateMac, mac_message
from chalicelib.model import RecordDraft
from chalicelib.vault.keyring import PrfKeyring


class Deriver:
    """Derives from values. `kms` types cost one call to KMS for each distinct value."""

    def __init__(self, keys: PrfKeyring, generate_mac: GenerateMac, pool: Executor) -> None:
        self._keys, self._generate_mac, self._pool = keys, generate_mac, pool

    def derive(self, tenant: str, drafts: Sequence[RecordDraft]) -> list[Derived]:
        """What follows from each value, in order; calls to KMS go side by side.

        Raises `KeyUnavailable`.
        """
        if not drafts:
            return []
        key = self._keys.key(tenant)
        indexes = [key.blind_index(d.type.name, d.subject or "", d.value.reveal()) for d in drafts]
        through_kms = {
            index for draft, index in zip(drafts, indexes, strict=True) if draft.type.derivation == "kms"
        }
        macs = self._macs(tenant, sorted(through_kms))
        return [
            Derived.from_seed(draft.type.derivation, macs.get(index, index))
            for draft, index in zip(drafts, indexes, strict=True)
        ]

    def _macs(self, tenant: str, indexes: Sequence[bytes]) -> dict[bytes, bytes]:
        context = self._keys.context(tenant)
        messages = [mac_message(context, index) for index in indexes]
        if len(messages) == 1:
            return {indexes[0]: self._generate_mac(messages[0])}
        return dict(zip(indexes, self._pool.map(self._generate_mac, messages), strict=True))

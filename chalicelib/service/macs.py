"""MACs of many messages: each distinct one costs one call to KMS."""

from collections.abc import Iterable
from concurrent.futures import Executor

from chalicelib.crypto.prf import GenerateMac


class Macs:
    """Asks KMS, for several messages side by side."""

    def __init__(self, generate_mac: GenerateMac, pool: Executor) -> None:
        self._generate_mac, self._pool = generate_mac, pool

    def of(self, messages: Iterable[bytes]) -> dict[bytes, bytes]:
        """The MAC of each message. Raises `KeyUnavailable`."""
        distinct = sorted(set(messages))
        if len(distinct) == 1:
            return {distinct[0]: self._generate_mac(distinct[0])}
        return dict(zip(distinct, self._pool.map(self._generate_mac, distinct), strict=True))

"""The client for asyncio: the same methods as those of `tokenvault_client.Client`, to be awaited.

async with AsyncClient.from_env() as vault:
    [made] = await vault.tokenize([TokenizeItem("card_number", "4111 1111 1111 1111")])

Needs the package `httpx`.
"""

from tokenvault_client.aio.client import AsyncClient

__all__ = ["AsyncClient"]

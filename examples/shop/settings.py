"""Where the shop is, and what its pages may know of the vault; its secrets stay with the vault's client."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """`origin` is the shop's own, as browsers write it; the other addresses are the vault's."""

    origin: str
    vault_url: str
    people_token_url: str
    people_client_id: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """Raises `KeyError` with the name of a variable that is missing."""
        return cls(
            origin=variables["SHOP_ORIGIN"],
            vault_url=variables["TOKENVAULT_URL"],
            people_token_url=variables["SHOP_PEOPLE_TOKEN_URL"],
            people_client_id=variables["SHOP_PEOPLE_CLIENT_ID"],
        )

    @property
    def port(self) -> int:
        """Where the shop listens."""
        return urlsplit(self.origin).port or 80

    def for_pages(self) -> dict[str, str]:
        """What everybody may read who opens a page."""
        return {
            "vault": self.vault_url,
            "tokenUrl": self.people_token_url,
            "clientId": self.people_client_id,
            "redirectUri": f"{self.origin}/office",
        }

    def content_security_policy(self) -> str:
        """No script but the shop's own files, and requests to the shop and the vault alone.

        `form-action 'none'`: a form whose script failed sends the card's number nowhere.
        `trusted-types 'none'`: no script gets itself a policy by which text becomes markup
        (https://www.w3.org/TR/trusted-types/).
        """
        vault, people = (_origin(url) for url in (self.vault_url, self.people_token_url))
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            f"connect-src 'self' {vault} {people}; form-action 'none'; base-uri 'none'; "
            f"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

"""E-mail addresses: RFC 5321, with letters of all scripts (RFC 6531)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.opaque import OpaqueTokens
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import HIDDEN, byte_length, string

_LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 253
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
_RESERVED: Final = ".invalid"
"""Nobody's, for good: RFC 2606, section 2."""


@dataclass(frozen=True)
class Email:
    """An address as mail systems take it; tokens are addresses in a domain that nobody can have.

    Quoted local parts and address literals are refused: no provider gives them out, and they spell the same
    mailbox in many ways. The case of the local part means something to RFC 5321, and to almost no provider;
    the policy says. Letters beyond ASCII are not folded, since folding them merges different ones.
    """

    name: ClassVar[str] = "email"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="ada@example.com",
        canonical="local part as it is, in NFC, or by `fold_local` with A-Z in lower case; domain in lower "
        "case, as A-labels (IDNA 2008)",
        mask="the domain; by `mask_domain` false, constant",
        keeps="nothing",
        told_apart="a token is under `.invalid`, and no value is",
    )
    fold_local: bool = False
    mask_domain: bool = True
    tokens: ClassVar[OpaqueTokens] = OpaqueTokens("", f"@token{_RESERVED}")

    def canonicalize(self, value: object) -> str:
        local, at, domain = string(value, _LONGEST).rpartition("@")
        if not at:
            raise InvalidValue("must be a local part, an @, and a domain")
        address = f"{self._local(local)}@{_domain(domain)}"
        if byte_length(address) > _LONGEST:
            raise InvalidValue(f"must have at most {_LONGEST} bytes in UTF-8")
        return address

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        _, at, domain = canonical.rpartition("@")
        return HIDDEN + at + domain if self.mask_domain else HIDDEN

    def space(self, canonical: str) -> TokenSpace:
        return self.tokens.space

    def capacity(self) -> Capacity:
        return self.tokens.capacity

    def recognizes(self, text: str) -> bool:
        return self.tokens.recognizes(text)

    def _local(self, spelled: str) -> str:
        # Only after NFC, which turns a few signs of other scripts into ASCII ones.
        local = unicodedata.normalize("NFC", spelled)
        if not (_LOCAL.fullmatch(local) and local.isprintable()):
            raise InvalidValue("has a local part with characters that are not allowed, or dots out of place")
        if byte_length(local) > _LONGEST_LOCAL:
            raise InvalidValue(f"has a local part of more than {_LONGEST_LOCAL} bytes")
        return re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), local) if self.fold_local else local


def build(_type_name: str, options: Options) -> Email:
    """Options: `fold_local` (false), `mask_domain` (true). Raises `ConfigurationError`."""
    read = OptionReader(options)
    fold_local = read.flag("fold_local", default=False)
    mask_domain = read.flag("mask_domain", default=True)
    read.close()
    return Email(fold_local, mask_domain)


def _domain(spelled: str) -> str:
    domain = spelled.lower() if spelled.isascii() else _a_labels(spelled)
    if len(domain) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(domain):
        raise InvalidValue("has a domain that is no host name of two labels or more")
    if domain.endswith(_RESERVED):
        raise InvalidValue(f"is under {_RESERVED}: a token already, or nobody's address")
    return domain


def _a_labels(spelled: str) -> str:
    # Its tables cost a cold start tens of milliseconds, which only domains beyond ASCII are worth.
    from idna import IDNAError, encode  # noqa: PLC0415

    try:
        return encode(spelled, uts46=True).decode()
    except IDNAError:
        # Its message quotes the domain.
        raise InvalidValue("has a domain that IDNA 2008 does not allow") from None

"""E-mail addresses: RFC 5321, with letters of all scripts (RFC 6531)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.opaque import OpaqueTokens
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import HIDDEN, byte_length
from chalicelib.formats.spelling import in_width, limited, named, trimmed

_LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 253
_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]"
_LOCAL: Final = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_DOTTED: Final = re.compile(rf"(?:{_ATEXT}|\.)+")
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_TO_ESCAPE: Final = re.compile(r'(["\\])')
_JOINERS: Final = "\u200c\u200d"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
_ROLES: Final = frozenset(
    (
        "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster",
        "usenet", "news", "webmaster", "www", "uucp", "ftp",
    )
)  # fmt: skip
"""Mailboxes of roles: they "must be recognized independent of character case" (RFC 2142, 2)."""

_RESERVED: Final = ".invalid"
"""Nobody's, for good: RFC 2606, section 2."""


@dataclass(frozen=True)
class Email:
    """An address as mail systems take it; tokens are addresses in a domain that nobody can have.

    By option more is taken: `accept_dots` dots side by side or at either end, as Japanese carriers gave them
    out until 2009; `accept_quoted` a local part in quotes (RFC 5321, 4.1.2), the same mailbox as without them
    if it needs none; `accept_long_local` local parts over 64 bytes (4.5.3.1 asks for no limit).
    Address literals are refused. Full-width signs are the ASCII ones. The joiners U+200C and U+200D are taken
    between letters that need them, by IDNA's CONTEXTJ rules (RFC 5892, A.1 and A.2).

    The case of the local part means something to RFC 5321, and to almost no provider; the policy says. In the
    names of roles, such as `postmaster`, it means nothing (RFC 2142, 2).
    Letters beyond ASCII are not folded, since folding them merges different ones. Normalisation comes after
    folding, which may leave what can be composed (RFC 8264, 7). In the domain, marks are put in canonical
    order before UTS 46 maps it.
    """

    name: ClassVar[str] = "email"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="ada@example.com",
        canonical="local part as it is, in NFC, or by `fold_local` with A-Z in lower case; quotes only where "
        "it needs them; domain in lower case, as A-labels (IDNA 2008)",
        mask="the domain; by `mask_domain` false, constant",
        keeps="nothing",
        told_apart="a token is under `.invalid`, and no value is",
    )
    fold_local: bool = False
    mask_domain: bool = True
    accept_dots: bool = False
    accept_quoted: bool = False
    accept_long_local: bool = False
    tokens: ClassVar[OpaqueTokens] = OpaqueTokens("t", f"@token{_RESERVED}")

    def canonicalize(self, value: object) -> str:
        local, at, domain = in_width(limited(trimmed(value, _LONGEST), _LONGEST)).rpartition("@")
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
        # NFC turns a few signs of other scripts into ASCII ones, so it comes before any look at the signs.
        local = unicodedata.normalize("NFC", spelled)
        if self.fold_local:
            folded = re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), local)
            local = unicodedata.normalize("NFC", folded)
        local = self._checked(local)
        local = local.lower() if local.lower() in _ROLES else local
        if byte_length(local) > _LONGEST_LOCAL and not self.accept_long_local:
            raise InvalidValue(f"has a local part of more than {_LONGEST_LOCAL} bytes")
        return local

    def _checked(self, local: str) -> str:
        quoted = _QUOTED.fullmatch(local) if self.accept_quoted else None
        text = _ESCAPED.sub(r"\1", quoted[1]) if quoted else local
        _refuse_hidden(text)
        unquoted = (_DOTTED if self.accept_dots else _LOCAL).fullmatch(text)
        if unquoted:
            return text
        if quoted and text:
            return '"' + _TO_ESCAPE.sub(r"\\\1", text) + '"'
        raise InvalidValue("has a local part with characters that are not allowed, or dots out of place")


def build(_type_name: str, options: Options) -> Email:
    """Options: `fold_local` (false), `mask_domain` (true), `accept_dots` (false), `accept_quoted` (false),
    `accept_long_local` (false).

    Raises `ConfigurationError`.
    """
    read = OptionReader(options)
    fold_local = read.flag("fold_local", default=False)
    mask_domain = read.flag("mask_domain", default=True)
    accepted = [read.flag(f"accept_{what}", default=False) for what in ("dots", "quoted", "long_local")]
    read.close()
    return Email(fold_local, mask_domain, *accepted)


def _refuse_hidden(text: str) -> None:
    """Signs that nobody sees, or that only look like others, but joiners where a script needs them."""
    for place, sign in enumerate(text):
        if sign.isprintable() or (sign in _JOINERS and _joins(text, place)):
            continue
        raise InvalidValue(f"has a local part with a sign that cannot be seen, {named(sign)}")


def _joins(text: str, place: int) -> bool:
    # Its tables cost a cold start tens of milliseconds, which only addresses with a joiner are worth.
    from idna import IDNAError, valid_contextj  # noqa: PLC0415

    try:
        return valid_contextj(text, place)
    except (IDNAError, ValueError):
        # Its message quotes the sign's neighbours.
        return False


def _domain(spelled: str) -> str:
    # UTS 46 maps sign by sign and composes last. U+0345 becomes a letter then, so marks are put in order
    # before: Unicode 17.0, 3.13, D145.
    spelled = unicodedata.normalize("NFD", spelled)
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

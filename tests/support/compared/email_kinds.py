"""How the format `email` and email-validator disagree."""

import unicodedata
from typing import Final

from tests.support.compared import spelled
from tests.support.compared.kind import Difference, Kind

_SPECIAL: Final = (".test", ".local", ".localhost", ".onion", ".arpa")


def _domain(it: Difference) -> str:
    return (it.ours or "").rpartition("@")[2]


def _labels(it: Difference) -> list[str]:
    return _domain(it).split(".")


def _refused_local(it: Difference) -> str:
    return "" if it.respelled else (it.ours or "").rpartition("@")[0]


KINDS: Final = (
    Kind(
        "Spaces, line breaks and signs without width at the ends",
        Difference(" ada@example.com\n", "ada@example.com", None, respelled=True),
        "both",
        "none belongs to an address (RFC 5321, 4.1.2); taking them off loses nothing",
        lambda it: it.only_ours and it.respelled and spelled.is_padded(it.value),
    ),
    Kind(
        "Domains of special use",
        Difference("ada@example.test", "ada@example.test", None),
        "both",
        "an address by RFC 5321, 4.1.2; by RFC 6761, 6 nobody delivers mail there. tokenvault keeps "
        "values and delivers none; of these names it refuses `.invalid` alone, under which its tokens are",
        lambda it: it.only_ours and _domain(it).endswith(_SPECIAL),
    ),
    Kind(
        "A top-level domain with a digit at its end",
        Difference("ada@example.c1", "ada@example.c1", None),
        "tokenvault",
        "RFC 3696, 2: no top-level domain is of digits only, and that is the rule; none of letters and a "
        "digit is delegated today",
        lambda it: it.only_ours and _domain(it)[-1:].isdigit(),
    ),
    Kind(
        "A label with `xn--` that IDNA 2008 does not make",
        Difference("ada@xn--i-7iq.ws", "ada@xn--i-7iq.ws", None),
        "email-validator",
        "RFC 5890, 2.3.2.1: not an A-label. tokenvault takes it on purpose: such domains (of emoji, mostly) "
        "are registered and get mail; in their own script it refuses them, too",
        lambda it: it.only_ours and any(label in ("xn--a", "xn--i-7iq") for label in _labels(it)),
    ),
    Kind(
        "A label with other letters before two hyphens",
        Difference("ada@ab--cd.de", "ada@ab--cd.de", None),
        "both",
        "a host name by RFC 1123, 2.1; reserved by RFC 5890, 2.3.1, which registries keep and old names "
        "break",
        lambda it: it.only_ours and any(label[2:4] == "--" and label[:2] != "xn" for label in _labels(it)),
    ),
    Kind(
        "A local part that begins with a combining sign",
        Difference("\u0301a@example.com", "\u0301a@example.com", None),
        "tokenvault",
        "RFC 6531, 3.3 takes every character beyond ASCII; email-validator calls it unsafe to show",
        lambda it: it.only_ours and unicodedata.category(_refused_local(it)[:1] or " ") == "Mn",
    ),
    Kind(
        "A joiner between letters that need it",
        Difference(
            "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc@example.com",
            "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc@example.com",
            None,
        ),
        "tokenvault",
        "RFC 6531, 3.3, and for where it may stand RFC 5892, A.1 and A.2, as in domains",
        lambda it: it.only_ours and spelled.has_hidden_signs(_refused_local(it)),
    ),
    Kind(
        "A soft hyphen in a domain",
        Difference("ada@ex\u00adample.com", "ada@example.com", None, respelled=True),
        "tokenvault",
        "UTS 46, 4: it maps to nothing, so the domain is the same",
        lambda it: it.only_ours and it.respelled and "\u00ad" in it.value,
    ),
    Kind(
        "A local part of more than 64 bytes",
        Difference(f"{'x' * 65}@example.com", None, f"{'x' * 65}@example.com"),
        "tokenvault",
        "RFC 5321, 4.5.3.1.1; `accept_long_local` takes it",
        lambda it: it.only_theirs and len(it.value.strip().rpartition("@")[0]) > 64,
    ),
    Kind(
        "Full-width letters in a local part",
        Difference("ａｄａ@example.com", "ada@example.com", "ａｄａ@example.com"),
        "both",
        "the width mapping of RFC 8264, 5.2.1 makes one mailbox of them; RFC 6531 by its letter leaves two",
        lambda it: it.both and unicodedata.normalize("NFKC", it.theirs or "") == it.ours,
    ),
)

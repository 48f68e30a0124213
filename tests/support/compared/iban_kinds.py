"""How the format `iban` and schwifty disagree."""

from typing import Final

from chalicelib.formats import iban_unregistered
from tests.support.compared import spelled
from tests.support.compared.kind import Difference, Kind

_CANONICAL: Final = "DE89370400440532013000"

KINDS: Final = (
    Kind(
        "Digits of another script, or full-width",
        Difference("DE８９ ３７０４ ００４４ ０５３２ ０１３０ ００", _CANONICAL, None, respelled=True),
        "both",
        "ISO 13616 writes 0-9 only, so schwifty keeps to the letter; read as input, the width mapping of "
        "RFC 8264, 5.2.1 and the decimal values of UAX 44 leave no doubt which account it is",
        lambda it: it.only_ours and it.respelled and spelled.has_other_digits(it.value),
    ),
    Kind(
        "Signs without width",
        Difference("DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00", _CANONICAL, None, respelled=True),
        "both",
        "not in ISO 13616; what copying from a web page adds has no meaning (UAX 44, category Cf)",
        lambda it: it.only_ours and it.respelled and spelled.has_hidden_signs(it.value),
    ),
    Kind(
        "Hyphens, dashes and dots between characters",
        Difference("DE89-3704-0044-0532-0130-00", _CANONICAL, None, respelled=True),
        "both",
        "the print format of SWIFT's IBAN registry has spaces alone; the others add no meaning",
        lambda it: it.only_ours and it.respelled,
    ),
    Kind(
        "Countries outside the registry",
        Difference("DZ580002100001113000000570", None, "DZ580002100001113000000570"),
        "tokenvault",
        "ISO 13616-2: SWIFT registers the structures, and these 22 countries have registered none; "
        "`accept_unregistered` takes them",
        lambda it: it.only_theirs and (it.theirs or "")[:2] in iban_unregistered.STRUCTURES,
    ),
)

"""E-mail addresses: a dot-atom, and a domain in one of its spellings."""

from unicodedata import normalize

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, text_of

LOWER = "abcdefghijklmnopqrstuvwxyz"
ATEXT = LOWER + LOWER.upper() + "0123456789!#$%&'*+/=?^_`{|}~-"
ascii_atoms = text_of(ATEXT, 1, 8)
atoms = ascii_atoms | st.sampled_from(["zoë", "Ärger", "用户", "почта", "ß", "a" * 20])
locals_ = st.lists(atoms, min_size=1, max_size=3).map(lambda parts: normalize("NFC", ".".join(parts)))
folded = locals_.map(lambda local: "".join(c.lower() if c.isascii() else c for c in local))
labels = text_of(LOWER + "0123456789", 1, 12)
DOMAINS = {
    "xn--mnchen-3ya.example": ["münchen.example", "MÜNCHEN.example", "mu\u0308nchen.EXAMPLE"],
    "xn--fa-hia.example": ["faß.example"],
    "fass.example": ["FASS.example"],
    "xn--fsqu00a.xn--0zwm56d": ["例子.测试", "例子。测试"],
}
domains = st.builds("{}.{}".format, labels, text_of(LOWER, 2, 6)) | st.sampled_from(sorted(DOMAINS))
addresses = st.tuples(locals_, domains)


def spell_domain(domain: str) -> Strategy:
    """In capital or small letters, or in its own script."""
    return st.sampled_from([domain, domain.upper(), domain.title(), *DOMAINS.get(domain, [])])


def spell(address) -> Strategy:
    """The local part composed or decomposed."""
    forms = st.sampled_from(["NFC", "NFD"]).map(lambda form: normalize(form, address[0]))
    return st.builds("{}@{}".format, forms, spell_domain(address[1]))


def surrounded(address) -> Strategy:
    """With what comes along when it is copied."""
    ends = st.sampled_from(["", " ", "\u00a0", "\u202a", "\n"])
    return st.builds("{}{}{}".format, ends, spell(address), ends)


dotted = st.tuples(st.sampled_from(["a..b", ".a", "a.", "x...y.", "..", "ab"]), domains)


def quoted(address) -> Strategy:
    """With and without quotes, which change nothing."""
    plain, domain = address
    escaped = "".join(f"\\{character}" for character in plain)
    forms = st.sampled_from([plain, f'"{plain}"', f'"{escaped}"'])
    return st.builds("{}@{}".format, forms, spell_domain(domain))


def dotted_of_this_domain(address) -> Strategy:
    """Other addresses of the domain."""
    return st.tuples(st.sampled_from(["c..d", "e.", "f"]), st.just(address[1]))


def spell_folded(address) -> Strategy:
    """The local part in capital or small letters."""
    capitals = "".join(c.upper() if c.isascii() else c for c in address[0])
    return st.builds("{}@{}".format, st.sampled_from([address[0], capitals]), spell_domain(address[1]))


def of_this_domain(address) -> Strategy:
    """Other addresses of the domain."""
    return st.tuples(locals_, st.just(address[1]))


def of_this_domain_folded(address) -> Strategy:
    """The same, their local parts folded."""
    return st.tuples(folded, st.just(address[1]))


CASES = [
    Case("email", {}, addresses, surrounded, of_this_domain),
    Case("email", {"accept_dots": True, "accept_quoted": True}, dotted, quoted, dotted_of_this_domain),
    Case("email", {"fold_local": True}, st.tuples(folded, domains), spell_folded, of_this_domain_folded),
]

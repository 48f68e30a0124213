"""Rows of a file to import, and maps of its columns: one for deterministic types, one for random ones."""

CARDS = ["4111111111111111", "5105105105105100", "378282246310005"]
MAP = b"""
[columns.card]
type = "card_known"
[columns.note]
type = "text_known"
"""
RANDOM = MAP.replace(b"_known", b"_number", 1).replace(b"text_known", b"text")
HEAD = b"\xef\xbb\xbfid,card,note\r\n"


def csv_rows(count: int) -> bytes:
    """Rows with what a border can fall into: quotes, line ends in cells and of each kind."""
    kinds = ['{n},{card},"note {n}"', '{n},"{card}","two\r\nlines {n}"', '{n},{card},"say ""{n}"""']
    ends = ["\r\n", "\n", "\n"]
    rows = (kinds[n % 3].format(n=n, card=CARDS[n % 3]) + ends[n % 3] for n in range(count))
    return "".join(rows).encode()

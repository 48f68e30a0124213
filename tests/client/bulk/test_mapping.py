"""The map: what it may say, and that a mistake is named before anything is sent."""

import pytest
from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.bulk.mapping import Column, CsvOptions, read_map


def test_a_map_says_all_there_is_to_say() -> None:
    """Several columns, with subject, facts (perhaps under other names) and treatment of empty cells."""
    mapped = read_map(
        b"""
        format = "csv"
        [csv]
        delimiter = ";"
        encoding = "CP1252"
        [columns.card]
        type = "card_number"
        subject = "id"
        metadata = ["country"]
        ttl_seconds = 60
        [columns."E-mail"]
        type = "email"
        metadata = { origin = "country" }
        empty = "refuse"
        nulls = ['\\N']
        shape = "email"
        """
    )
    assert mapped.columns == (
        Column("card", "card_number", "id", {"country": "country"}, 60),
        Column("E-mail", "email", None, {"origin": "country"}, None, "refuse", ("\\N",), shape="email"),
    )
    assert (mapped.csv, mapped.format) == (CsvOptions(";", "cp1252"), "csv")
    assert mapped.names == {"card", "id", "country", "E-mail"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns", "not TOML"),
        ("", "a table columns is needed"),
        ("[columns]", "1 to 100 are needed"),
        ("[columns.a]", r'columns."a".type'),
        ('[columns.a]\ntype = "t"\nsubjekt = "x"', "no other keys than"),
        ('[columns.a]\ntype = "t"\nempty = "drop"', "empty: must be one of keep, refuse"),
        ('[columns.a]\ntype = "t"\nsubject = 1', "subject: the name of a column"),
        ('[columns.a]\ntype = "t"\nttl_seconds = 1.5', "ttl_seconds: a whole number"),
        ('[columns.a]\ntype = "t"\nmetadata = [1]', "metadata: at most 8"),
        ('[columns.a]\ntype = "t"\nmetadata = 5', "metadata: at most 8"),
        ('[columns.a]\ntype = "t"\nmetadata = ["Country"]', "names of facts are 1 to 32 of"),
        ('[columns.a]\ntype = "t"\nnulls = "x"', "nulls: a list"),
        ('[columns.a]\ntype = "t"\nsubject = "a"', "tokenized, so it cannot be a subject"),
        ('[columns.a]\ntype = "t"\ntoken_column = 1', "token_column: the name of a column"),
        ('[columns.a]\ntype = "t"\ntoken_column = "a"', "tokenized, so it cannot be a subject, a token"),
        (
            '[columns.a]\ntype = "t"\ntoken_column = "t"\n[columns.b]\ntype = "t"',
            "for all columns or for none",
        ),
        ('[columns]\na = "card_number"', "a table with at least a type"),
        ('format = "xlsx"\n[columns.a]\ntype = "t"', "format must be one of"),
        ('[csv]\nencoding = "utf-16"\n[columns.a]\ntype = "t"', "csv.encoding"),
        ('[csv]\ndelimiter = ", "\n[columns.a]\ntype = "t"', "csv.delimiter"),
        ('[csv]\nheader = 1\n[columns.a]\ntype = "t"', "csv.header"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    """With the key at fault."""
    with pytest.raises(NotImportable, match=said):
        read_map(text.encode())


def test_a_comment_makes_no_other_map() -> None:
    """What tells one map from another is what it says."""
    one, two = (
        read_map(text.encode())
        for text in ('[columns.a]\ntype = "t"', '# for March\n[columns.a]\ntype="t"\n')
    )
    other = read_map(b'[columns.a]\ntype = "u"')
    assert one.digest == two.digest != other.digest


def test_another_order_of_columns_is_another_map() -> None:
    """Requests follow it, and so do a Parquet file's tokens on their way: a run goes on with the same one."""
    one, other = (
        read_map("".join(f'[columns.{name}]\ntype = "t"\n' for name in names).encode())
        for names in ("ab", "ba")
    )
    assert one.digest != other.digest

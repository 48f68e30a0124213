"""Input of the tool in other encodings than UTF-8, and with a byte-order mark."""

import pytest

from tests.client import tool
from tests.client.service import Service

TEXT = ["tokenize", "--type", "text"]
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("command", ["tokenize", "search"])
def test_a_byte_order_mark_is_no_part_of_a_value(service: Service, command: str) -> None:
    """Excel and PowerShell write it; one deterministic value would get two tokens."""
    ended = tool.run(service.environment(), command, "--type", "text", stdin=MARK + b"Maria\nMaria\n")
    assert [item["value"] for item in service.seen[0].body["items"]] == ["Maria", "Maria"]
    assert ended.code == 0
    tool.run(service.environment(), command, "--type", "text", "--json", stdin=MARK + b'{"value": "a"}')
    assert service.seen[1].body["items"][0]["value"] == "a"


def test_a_byte_order_mark_is_no_part_of_a_token(service: Service) -> None:
    """In plain lines and in JSON."""
    tool.run(service.environment(), "detokenize", stdin=MARK + b"ba\n")
    tool.run(service.environment(), "detokenize", "--json", stdin=MARK + b'{"token": "ba"}\n')
    assert [seen.body["items"] for seen in service.seen] == [[{"token": "ba"}]] * 2


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("Maria\n".encode("utf-16"), "the input is UTF-16; UTF-8 is needed"),
        (b"\xfe\xff" + "Maria\n".encode("utf-16-be"), "the input is UTF-16; UTF-8 is needed"),
        ("Maria\n".encode("utf-32"), "the input is UTF-32; UTF-8 is needed"),
        ("Maria\n".encode("utf-16-le"), "line 1: holds a NUL character; is the input UTF-16?"),
        ("Müller\n".encode("latin-1"), "line 1: not UTF-8"),
        (
            "Maria\nM\ufffdller\n".encode(),
            "line 2: holds U+FFFD, which stands where text was read in the wrong",
        ),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["plain", "json"])
def test_input_in_another_encoding_is_named(
    service: Service, stdin: bytes, said: str, options: list[str]
) -> None:
    """Nothing of it is sent, and nothing of it is repeated."""
    for command in (TEXT, ["detokenize"]):
        if options and b"\n" in stdin[:-4]:  # its first line is no JSON
            continue
        ended = tool.run(service.environment(), *command, *options, stdin=stdin)
        assert (ended.code, said in ended.err) == (2, True), ended
        assert "Maria" not in ended.err
    assert service.seen == []

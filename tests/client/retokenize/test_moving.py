"""`tokenvault retokenize run` and `open`: from the real functions to a file, and the file opened."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.token_pages import TokenPages
from tokenvault_client.errors import Refused, Unavailable, VerificationError

from chalicelib.errors import StoreUnavailable
from tests.client.exporting.running import run as run_tool
from tests.client.retokenize.running import ALL, Vault
from tests.support.exports import pem
from tests.support.retokenizing import naming, switch


def test_a_key_is_made_before_it_is_named(vault: Vault) -> None:
    """And the tool says whether every Region has it."""
    ended = vault.operate("prepare", "--prf-key", "3", "--json")
    assert (ended.code, ended.objects[0]["ready"]) == (0, True), ended
    assert ended.objects[0]["made"] == ["prf-3", "prf-3"]
    again = vault.operate("prepare", "--prf-key", "3", "--again")
    assert (again.code, again.out) == (0, "ready in every Region\n")
    for number in ("1", "1000", "x", "-2"):
        assert vault.operate("prepare", f"--prf-key={number}").code == Exit.USAGE


def test_a_folder_is_no_name_of_a_file(vault: Vault) -> None:
    """Told before a function is asked."""
    ended = vault.move("--yes", out="")
    assert ended.code == Exit.USAGE
    assert "--out: a folder; the name of a new file in it is needed" in ended.err


def test_a_key_that_was_there_is_not_taken_for_a_new_one(vault: Vault) -> None:
    """Of whichever tenant: somebody may know it, and the policy may name it."""
    vault.account.dynamodb.delete_item(TableName="keys", Key={"pk": {"S": "shop"}, "sk": {"S": "prf-2"}})
    vault.account.dynamodb.delete_item(
        TableName="keys", Key={"pk": {"S": "shop"}, "sk": {"S": "ready#prf-2"}}
    )
    ended = vault.operate("prepare", "--prf-key", "2")
    assert ended.code == Exit.SOME_FAILED
    assert ended.out.startswith("was there already: clinic; take another number")


def test_tenants_whose_key_is_not_ready_are_named(vault: Vault) -> None:
    """With two Regions it is not before the maintenance of both has run."""
    env = vault.account.env
    both = {"TOKENVAULT_REGIONS": "us-east-1,eu-west-1"}
    vault.account.env = lambda name: env(name) | both  # type: ignore[method-assign]  # more of the same
    for again in ((), ("--again",)):
        ended = vault.operate("prepare", "--prf-key", "3", *again)
        assert ended.code == Exit.SOME_FAILED
        assert "not ready yet: clinic, shop; each Region's maintenance marks it" in ended.out


def test_out_and_opened(vault: Vault) -> None:
    """Every value has two tokens then; nothing else is left beside the file, and nothing of it is printed."""
    ended = vault.move("--yes", "--json")
    assert (ended.code, ended.objects[0]["retokenized"]["tokens"]) == (0, 9), ended
    assert ended.objects[0]["retokenized"]["prf_key"] == 2
    pairs = vault.pairs()
    assert sorted(map(str, vault.values(*pairs))) == sorted(map(str, vault.values(*pairs.values()))) == ALL
    files = {"pairs", "recipient.pub", "recipient.key", "receipts.der", "outputs.json"}
    assert {path.name for path in vault.place.iterdir()} == files
    written = ended.out + ended.err + (vault.place / "pairs").read_text()
    assert not [text for text in (*pairs, *pairs.values(), *ALL) if text in written]


def test_what_opens_says_what_it_is(vault: Vault) -> None:
    """Tenant, type, key and times; and it is no export, as an export is no such file."""
    assert vault.move().code == 0
    end, out, err = vault.use("open", "pairs", "--out", str(vault.place / "jsonl"))
    assert (end, out.split("\n")[0]) == (Exit.OK, "verified"), err
    assert "prf_key:    2" in out
    assert (vault.place / "jsonl").stat().st_mode & 0o777 == 0o600
    options = [("key", "recipient.key"), ("public-key", "receipts.der"), ("out", "values")]
    named = [text for option, file in options for text in (f"--{option}", str(vault.place / file))]
    end, _, err = run_tool(vault.service, "export", "open", str(vault.place / "pairs"), *named)
    assert end is Exit.NOT_VERIFIED
    assert "the header is not that of the opening of an export" in err
    assert not (vault.place / "values").exists()


@pytest.mark.parametrize("name", ["tv-maintain", "tv-reveal"])
@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("answers", [False, True], ids=["before", "after"])
def test_a_run_that_ended_is_gone_on_with(vault: Vault, name: str, calls: int, answers: bool) -> None:
    """At any call of either function, done or not, and with half a page on the disk behind it."""
    usual, left = vault.answer, [calls]

    def fails(asked: str, event: dict[str, Any]) -> Any:
        left[0] -= asked == name
        if left[0] == 0:
            if answers:
                usual(asked, event)
            return {"error": {"code": "record_corrupt", "detail": "an item", "retry": False}}
        return usual(asked, event)

    vault.answer = fails
    ended = vault.move()
    assert ended.code in (Exit.REFUSED, Exit.OK), ended
    part = vault.place / "pairs.part"
    if part.exists():
        with part.open("ab") as file:
            file.write(b'{"chunk": 99, "sealed": "AAA')
    if ended.code != Exit.OK:
        vault.answer = usual
        again = vault.move("--yes", "--anew")
        assert again.code == 0, again
    pairs = vault.pairs()
    assert sorted(map(str, vault.values(*pairs))) == ALL
    assert sorted(map(str, vault.values(*pairs.values()))) == ALL


def test_faults_that_pass_are_waited_for() -> None:
    """Each event is sent again, and the pace is kept."""
    page = {"number": 1, "sealed": "AAAA", "tokens": 1, "failed": 0, "cursor": "c", "receipt": None}
    script: list[Any] = [Unavailable.of("x", "y"), {"seen": 100, "estimate": None, "done": False}]
    script += [Unavailable.of("x", "y"), page, {"seen": 300, "estimate": 600, "done": False}, page]
    slept = list[float]()

    class Functions:
        def maintain(self, event: Any) -> dict[str, Any]:
            answer = script.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return dict(answer)

        reveal = maintain

    pages = TokenPages(Functions(), {"run": "r"}, 100, clock=lambda: 0.0, sleep=slept.append)
    assert pages.page("o", "c", 0).walked == 100 / 1600
    assert slept == [2.0, 2.0, 0.0]
    assert pages.page("o", "c", 1).walked == 0.5
    assert slept[3:] == [2.0]
    script += [{"seen": 300, "estimate": 600, "done": True}, {"error": "nonsense"}]
    with pytest.raises(VerificationError):
        pages.page("o", "c", 2)
    script += [Refused.of("invalid_request", "no")]
    with pytest.raises(Refused):
        pages.page("o", "c", 2)
    script += [Unavailable.of("x", "y")] * 8
    with pytest.raises(Unavailable):
        pages.begin(anew=False)


def test_a_throttled_page_is_tried_again(vault: Vault) -> None:
    """The run ends well, and the file has each pair once."""
    usual, failing = vault.answer, [2]

    def throttled(name: str, event: dict[str, Any]) -> Any:
        if name == "tv-reveal" and "cursor" in event["retokenize"]:
            failing[0] -= 1
            if failing[0] == 0:
                raise StoreUnavailable("throttled")
        return usual(name, event)

    vault.answer = throttled
    assert vault.move().code == 0
    assert len(vault.pairs()) == 9


def test_of_two_runs_one_is_told(vault: Vault) -> None:
    """A second file of the type waits, unless it ends the first run, which then gets no further."""
    usual, pages = vault.answer, [2]

    def ends(name: str, event: dict[str, Any]) -> Any:
        pages[0] -= name == "tv-reveal" and "cursor" in event["retokenize"]
        refusal = {"error": {"code": "key_refused", "detail": "gone", "retry": False}}
        return refusal if pages[0] == 0 else usual(name, event)

    vault.answer = ends
    assert vault.move().code == Exit.REFUSED
    vault.answer = usual
    second = vault.move(out="second")
    assert (second.code, (vault.place / "second.part").exists()) == (Exit.REFUSED, False)
    assert "another run goes on with this type" in second.err
    assert vault.move("--yes", "--anew", out="second").code == 0
    first = vault.move()
    assert first.code == Exit.REFUSED
    assert "another run began" in first.err
    assert "cannot be gone on with; to begin anew, remove pairs.part" in first.err
    assert len(vault.pairs("second")) == 9


def test_another_run_does_not_go_on_with_it(vault: Vault) -> None:
    """To another recipient: no mixed file comes of it. Nor is a file written over."""
    usual = vault.answer
    vault.answer = lambda name, event: (
        {"error": {"code": "key_refused", "detail": "gone", "retry": False}}
        if name == "tv-maintain"
        else usual(name, event)
    )
    vault.move()
    vault.answer = usual
    assert vault.move().code == 0
    before = (vault.place / "pairs").read_bytes()
    assert vault.move().code == Exit.USAGE
    assert (vault.place / "pairs").read_bytes() == before
    (vault.place / "second.part").write_bytes(
        json.dumps({"asked": {"retokenize": {}, "stack": "x"}}).encode() + b"\n"
    )
    (vault.place / "recipient.pub").write_text(pem(ec.generate_private_key(ec.SECP256R1())))
    assert "is of another export" in vault.move(out="second").err


def test_nothing_is_done_without_being_asked(vault: Vault) -> None:
    """A dry run sends nothing; without --yes and without anybody to ask, nothing begins."""
    asked = list[str]()
    usual = vault.answer

    def seen(name: str, event: dict[str, Any]) -> Any:
        asked.append(name)
        return usual(name, event)

    vault.answer = seen
    assert vault.move("--dry-run").out.endswith("nothing was sent\n")
    terms = ("--type", "text_known", "--to", str(vault.place / "recipient.pub"))
    assert vault.operate("run", *terms, "--dry-run").out.endswith("nothing was sent\n")
    assert "--out: the name of the file is needed" in vault.operate("run", *terms, "--yes").err
    refused = vault.move("--json")
    assert (refused.code, asked) == (Exit.USAGE, [])
    assert {path.name for path in vault.place.iterdir()} & {"pairs", "pairs.part"} == set()


def test_a_type_that_cannot_be_moved_is_refused_by_its_rule(vault: Vault) -> None:
    """And leaves nothing to go on with."""
    switch(vault.account, naming(card_known=2))
    refused = vault.move()
    assert refused.code == Exit.REFUSED
    assert "type: its prf_key is the first" in refused.err
    assert not (vault.place / "pairs.part").exists()


@pytest.mark.parametrize("line", [0, 1, -1])
def test_a_changed_file_opens_nothing(vault: Vault, line: int) -> None:
    """Neither cut, nor with a line of another file."""
    assert vault.move().code == 0
    lines = (vault.place / "pairs").read_text().splitlines(keepends=True)
    del lines[line]
    (vault.place / "pairs").write_text("".join(lines))
    end, out, _ = vault.use("open", "pairs", "--out", str(vault.place / "jsonl"))
    assert (end, out, (vault.place / "jsonl").exists()) == (Exit.NOT_VERIFIED, "", False)

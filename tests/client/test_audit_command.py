"""`tokenvault audit verify`: what it reads, how it ends; what is found is the library's own matter."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.client import tool
from tests.support.running import Running

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
VERIFY = ["audit", "verify", "--vault-id", "a-vault", "--kms-key", KEY]
NOBODY = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_MAX_ATTEMPTS": "1",
}


def test_the_running_stacks_own_trail(running: Running, tmp_path: Path) -> None:
    """From the table and from an export it is whole; with an event taken out of the export it is not."""
    token = running.tokenize({"type": "text", "value": "x"}).body["results"][0]["token"]
    for _ in range(3):
        assert running.detokenize(token).status == 200
    aws, table = running.stack.account, running.stack.outputs["tables"]["audit"]
    [alias] = [
        found
        for found in aws.client("kms").list_aliases()["Aliases"]
        if found["AliasName"].endswith("-audit")
    ]
    key = aws.client("kms").describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
    trail = ["--vault-id", running.stack.outputs["vault_id"], "--kms-key", key]
    verify = ["audit", "verify", *trail]
    whole = tool.run(aws.environment, *verify, "--table", table)
    assert (whole.code, whole.err) == (0, ""), whole
    assert ": all as they were written" in whole.lines[0]
    assert "; the next one comes at about 20" in whole.lines[1]
    report = tool.run(aws.environment, *verify, "--table", table, "--json").objects[-1]["report"]
    assert (
        report["covered_until"] < report["next_checkpoint"]["expected"] < report["next_checkpoint"]["overdue"]
    )

    who = tool.run(aws.environment, "audit", "who", "--token", token, *trail, "--table", table, "--json")
    assert (who.code, who.err) == (0, "")
    accesses = [line["access"] for line in who.objects if "access" in line]
    assert [(access["client"], access["outcome"]) for access in accesses] == [("settlement", "revealed")] * 3

    events = aws.client("dynamodb").scan(TableName=table)["Items"]
    export = [
        json.dumps({"Item": event}, default=lambda raw: base64.b64encode(raw).decode()) for event in events
    ]
    (tmp_path / "whole.json.gz").write_bytes(gzip.compress("\n".join(export).encode()))
    assert tool.run(aws.environment, *verify, str(tmp_path)).code == 0
    middle = next(place for place, event in enumerate(events) if event["sequence"]["N"] == "1")
    without = tool.run(aws.environment, *verify, stdin="\n".join(export[:middle] + export[middle + 1 :]))
    assert (without.code, without.lines[0].split(":")[0]) == (5, "gap")


def test_nothing_to_verify_is_not_verified() -> None:
    """If everything was taken away, nothing is wrong with what is left, which no checkpoint covers."""
    ended = tool.run(NOBODY, *VERIFY)
    assert (ended.code, ended.lines[1]) == (5, "0 events in 0 chains: 1 uncovered")
    assert ended.lines[0].startswith("uncovered: no checkpoint vouches for the end of any chain, ")


def test_what_a_trail_says_that_does_not_verify_is_no_proof(tmp_path: Path) -> None:
    """It is told, each access as not verified, and the exit code says so too."""
    text = {"action": "detokenize", "client": "support", "request_id": "r", "chain": "0" * 32}
    event = {name: {"S": part} for name, part in text.items()}
    event |= {
        "pk": {"S": "shop#2026-01-01"},
        "sk": {"S": "2026-01-01T00:00:00.000Z#1"},
        "sequence": {"N": "1"},
    }
    event |= {"mac": {"B": "AAAA"}, "outcomes": {"L": [{"M": {"outcome": {"S": "revealed"}}}]}}
    (tmp_path / "a.ndjson").write_text(json.dumps(event))
    ended = tool.run(NOBODY, "audit", "who", *VERIFY[2:], str(tmp_path), "--json")
    assert ended.code == 5
    assert "does not verify" in ended.err
    assert [(line["access"]["client"], line["verified"]) for line in ended.objects if "access" in line] == [
        ("support", False)
    ]


def an_event(outcomes: list[str], **said: str) -> str:
    """A line of a trail that says this, and does not verify."""
    text = {"action": "detokenize", "client": "support", "request_id": "r", "chain": "0" * 32, **said}
    event: dict[str, Any] = {name: {"S": part} for name, part in text.items()}
    event |= {
        "pk": {"S": "shop#2026-01-01"},
        "sk": {"S": "2026-01-01T00:00:00.000Z#1"},
        "sequence": {"N": "1"},
        "mac": {"B": "AAAA"},
        "outcomes": {"L": [{"M": {"outcome": {"S": outcome}}} for outcome in outcomes]},
    }
    return json.dumps(event)


def test_who_says_in_words_what_was_verified(tmp_path: Path) -> None:
    """Who signed in, and apart from it what the client said, on the line of the access."""
    said = {"user_sub": "sub-1", "username": "anna", "on_behalf_of": "bert"}
    (tmp_path / "a.ndjson").write_text(an_event(["revealed"], **said))
    ended = tool.run(NOBODY, "audit", "who", *VERIFY[2:], "--person", "anna", str(tmp_path))
    assert ended.lines[-2:] == [
        "2026-01-01T00:00:00.000Z shop/support detokenize: revealed by anna (sub sub-1), signed in, "
        "on behalf of bert, the client says, (request r)",
        "accesses by anna, signed in: 1; by a signed assertion: 0; on the word of a client alone: 0; "
        "approved for somebody else: 0",
    ]


def test_who_says_which_rule_refused_a_request(tmp_path: Path) -> None:
    """Behind the code; and `--action` and `--purpose` leave out what is of no other interest."""
    said = {"refusal": "not_permitted", "rule": "type", "purpose": "refund"}
    (tmp_path / "a.ndjson").write_text(an_event([], **said))
    who = ["audit", "who", *VERIFY[2:], str(tmp_path), "--action", "export"]
    shown = tool.run(NOBODY, *who, "--action", "detokenize", "--purpose", "refund").lines[-1]
    assert "shop/support detokenize: not_permitted (type) for refund" in shown
    for others in ([], ["--action", "detokenize", "--purpose", "fraud"]):
        assert "no access on record fits" in tool.run(NOBODY, *who, *others).lines[-1]


def test_who_says_whose_request_was_decided_on(tmp_path: Path) -> None:
    """On the line of the decision; `--approval` has what else is about it, and takes an id only."""
    approval = "e" * 32
    said = {"action": "approvals.approve", "approval": approval, "asker": "refunds"}
    lines = [
        an_event(["deciding"], **said | who) for who in ({}, {"asker_sub": "s", "asker_username": "anna"})
    ]
    used = json.loads(an_event([], refusal="approval_used", approval=approval))
    lines.append(json.dumps(used | {"asked_for": {"L": [{"S": "tok"}]}}))
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    who = ["audit", "who", *VERIFY[2:], str(tmp_path), "--approval"]
    told = tool.run(NOBODY, *who, approval).out
    assert "shop/support approvals.approve: deciding; asked for by refunds, under approval" in told
    assert "deciding; asked for by anna (sub s) through refunds, under approval" in told
    assert "no access on record fits" in tool.run(NOBODY, *who, "f" * 32).lines[-1]
    by_token = tool.run(NOBODY, *who[:-1], "--token", "tok")
    assert "--approval ID finds who asked, decided and used it" in by_token.err
    assert "32 of 0-9 a-f" in tool.run(NOBODY, *who, "approval").err


def test_who_says_that_a_name_is_of_two_providers(tmp_path: Path) -> None:
    """They may be two people; the issuer of one leaves the other's accesses out."""
    lines = []
    for number, issuer in enumerate(("https://login", "https://other"), start=1):
        text = {"action": "detokenize", "client": "office", "request_id": f"r{number}", "chain": "0" * 32}
        text |= {"asserted_by": issuer, "asserted_sub": "anna", "pk": "shop#2026-01-01"}
        event = {name: {"S": part} for name, part in text.items()}
        event |= {"sk": {"S": f"2026-01-01T00:00:00.00{number}Z#1"}, "sequence": {"N": str(number)}}
        event |= {"mac": {"B": "AAAA"}, "outcomes": {"L": [{"M": {"outcome": {"S": "revealed"}}}]}}
        lines.append(json.dumps(event))
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    asked = ("audit", "who", *VERIFY[2:], "--person", "anna", str(tmp_path), "--json")
    both = tool.run(NOBODY, *asked)
    assert "anna is a name at 2 identity providers" in both.err
    one = tool.run(NOBODY, *asked, "--asserted-by", "https://other")
    assert [line["access"]["request"] for line in one.objects if "access" in line] == ["r2"]
    assert "identity providers" not in one.err


def test_who_says_that_nobody_did(tmp_path: Path) -> None:
    """In words: silence is also what a mistyped name gives, and is no line for a file of evidence."""
    (tmp_path / "a.ndjson").write_text("")
    asked = ("audit", "who", *VERIFY[2:], "--client", "setlement", str(tmp_path))
    said = "no access on record fits; clients on record: none"
    assert tool.run(NOBODY, *asked).lines[-1] == said
    assert "accesses" not in tool.run(NOBODY, *asked, "--json").objects[-1]


def test_a_forged_trail_does_not_steer_the_terminal(tmp_path: Path) -> None:
    """Nor does it forge a line: what somebody wrote into it is told on one line, escaped."""
    text = {"action": "detokenize", "client": "\x1b[2Jx\nok", "request_id": "r", "chain": "0" * 32}
    event = {name: {"S": part} for name, part in text.items()}
    event |= {
        "pk": {"S": "shop#2026-01-01"},
        "sk": {"S": "2026-01-01T00:00:00.000Z#1"},
        "sequence": {"N": "1"},
    }
    event |= {"mac": {"B": "AAAA"}, "outcomes": {"L": []}}
    (tmp_path / "a.ndjson").write_text(json.dumps(event))
    ended = tool.run(NOBODY, "audit", "who", *VERIFY[2:], str(tmp_path))
    assert ended.code == 5
    assert "\x1b" not in ended.out
    assert "ok (request r)" not in [line.strip() for line in ended.lines]


def test_findings_are_told_as_they_are_found(tmp_path: Path) -> None:
    """From files, and from exports and archives below a folder; with --json, an object each."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json.gz").write_bytes(gzip.compress(b'{"Item": {}}\n'))
    (tmp_path / "data" / "manifest.json").write_text("no item")
    (tmp_path / "b.json").write_text("no item\n")
    paths = [str(tmp_path / "data"), str(tmp_path / "b.json")]
    plain = tool.run(NOBODY, *VERIFY, *paths)
    assert (plain.code, plain.err) == (5, "")
    assert [line.split(":")[0] for line in plain.lines[:2]] == ["unchained", "unreadable"]
    assert plain.lines[3] == "0 events in 0 chains: 1 unchained, 1 uncovered, 1 unreadable"
    first, second, _, last = tool.run(NOBODY, *VERIFY, *paths, "--json").objects
    assert (first["finding"]["kind"], second["finding"]["kind"]) == ("unchained", "unreadable")
    assert last["report"]["findings"] == {"unchained": 1, "uncovered": 1, "unreadable": 1}


def test_a_folder_of_the_archive_is_read(tmp_path: Path) -> None:
    """Its objects end in .ndjson, and lie in folders by day."""
    (tmp_path / "2026" / "11" / "25").mkdir(parents=True)
    (tmp_path / "2026" / "11" / "25" / "1-a.ndjson").write_text('{"Item": {}}\n')
    ended = tool.run(NOBODY, *VERIFY, str(tmp_path))
    assert (ended.code, ended.lines[0].split(":")[0]) == (5, "unchained")


def test_input_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Not as a finding: nothing is known of the trail then."""
    whole = gzip.compress(b"{}\n" * 1000)
    for name, content in {
        "text.gz": b"text",
        "cut.gz": whole[:-10],
        "changed.gz": whole[:12] + b"\xff" * 9,
    }.items():
        (tmp_path / name).write_bytes(content)
        assert tool.run(NOBODY, *VERIFY, str(tmp_path / name)).code == 2, name
    assert tool.run(NOBODY, *VERIFY, str(tmp_path / "none")).code == 2


def test_aws_that_does_not_answer_is_unavailable() -> None:
    """With what kind of failure it was, in one line."""
    ended = tool.run(NOBODY, *VERIFY, "--table", "audit", "--json")
    detail = "AWS could not be asked: EndpointConnectionError"
    assert (ended.code, json.loads(ended.err)) == (4, {"error": {"code": "aws_failed", "detail": detail}})


@pytest.mark.parametrize("key", ["", "alias/audit", "mrk-1", KEY.replace(":kms:", ":s3:")])
def test_the_key_is_named_in_full(key: str) -> None:
    """By its ARN, or it would be looked for in whatever account the credentials are of."""
    ended = tool.run(NOBODY, "audit", "verify", "--vault-id", "v", "--kms-key", key)
    assert (ended.code, "the ARN of a KMS key is needed" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        ("2026-01-31T12:00Z", "2026-01-31T12:00:00.000Z"),
        ("2026-02-01", "2026-02-01T00:00:00.000Z"),
        ("2026-02-01T01:00+01:00", "2026-02-01T00:00:00.000Z"),
    ],
)
@pytest.mark.parametrize("option", ["--until", "--require-covered-until"])
def test_the_end_of_the_audited_time_can_be_named(option: str, until: str, shown: str) -> None:
    """A trail that no checkpoint covers until then does not verify."""
    ended = tool.run(NOBODY, *VERIFY, option, until)
    assert (ended.code, ended.lines[0]) == (
        5,
        f"uncovered: no checkpoint vouches for the end of any chain, {shown}",
    )


def test_an_end_that_is_no_time_is_refused() -> None:
    """With an example."""
    ended = tool.run(NOBODY, *VERIFY, "--until", "yesterday")
    assert (ended.code, "a time such as 2026-01-31T12:00Z is needed" in ended.err) == (2, True)


def test_what_lies_behind_the_last_checkpoint_is_told(tmp_path: Path) -> None:
    """How much of the trail, and how many values were revealed there."""
    trail = json.loads((Path(__file__).parents[1] / "vectors" / "audit.json").read_text())["chains"][0]
    lines = [json.dumps(json.loads(event["canonical"]) | {"mac": {"B": ""}}) for event in trail["events"]]
    (tmp_path / "trail.ndjson").write_text("\n".join(lines[1:]))  # without a beginning, KMS is not asked
    plain = tool.run(NOBODY, *VERIFY, str(tmp_path))
    number = len(lines) - 1
    assert plain.lines[-1].startswith(f"after the last checkpoint: {number} events (100.0% of the trail), ")
    report = tool.run(NOBODY, *VERIFY, str(tmp_path), "--json").objects[-1]["report"]
    assert (report["events_after"], report["covered_until"], report["next_checkpoint"]) == (
        number,
        None,
        None,
    )


EXPIRED_SSO = """
[profile stale]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = auditor
region = us-east-1
"""


def test_names_that_are_on_record_stand_beside_one_that_is_not(tmp_path: Path) -> None:
    """A mistyped purpose, client or action is told from one that nobody used."""
    (tmp_path / "a.ndjson").write_text(an_event(["revealed"], purpose="refund"))
    asked = ("audit", "who", *VERIFY[2:], str(tmp_path))
    names = ("--tenant", "shops", "--client", "suport", "--purpose", "refunds")
    said = "; tenants on record: shop; clients on record: support; purposes on record: refund"
    without = "; one that the policy does not list is on record without its name"
    assert tool.run(NOBODY, *asked, *names).lines[-1] == f"no access on record fits{said}{without}"
    said = "no access on record fits; a name or token that is mistyped fits none either"
    assert tool.run(NOBODY, *asked, "--token", "tok").lines[-1] == said
    wrong = tool.run(NOBODY, *asked, "--action", "detokenise")
    assert wrong.code == 2
    assert "detokenize, detokenize.masked" in wrong.err.replace("'", "")


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("nope", "`aws configure list-profiles`"),
        ("stale", "`aws sso login`"),
        ("default", "`aws sso login`"),
    ],
)
def test_missing_credentials_come_with_a_hint(tmp_path: Path, profile: str, said: str) -> None:
    """A profile that does not exist, a login that is over, and none at all: called wrongly."""
    (tmp_path / "config").write_text(EXPIRED_SSO)
    environment = {
        "AWS_PROFILE": profile,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "HOME": str(tmp_path),
    }
    if profile == "default":
        del environment["AWS_PROFILE"]
    ended = tool.run(environment, *VERIFY, "--table", "audit")
    assert (ended.code, "Traceback" in ended.err) == (2, False), ended
    assert ended.err.startswith("tokenvault: usage: AWS credentials: ")
    assert said in ended.err


def test_a_mark_before_the_first_line_is_no_part_of_it() -> None:
    """An export that was saved by an editor, or by PowerShell: UTF-8 with a mark is read, UTF-16 is named."""
    marked = tool.run(NOBODY, *VERIFY, stdin=b'\xef\xbb\xbf{"Item": {}}\n')
    assert marked.lines[0].startswith("unchained: ")
    other = tool.run(NOBODY, *VERIFY, stdin='{"Item": {}}\n'.encode("utf-16"))
    assert (other.code, "stdin: the input is UTF-16; UTF-8 is needed" in other.err) == (2, True)

"""`tokenvault doctor`: what it prints, how it ends, and what it never prints."""

import io
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.main import run
from tokenvault_client.cli.session import Session
from tokenvault_client.doctor import denied

from tests.client import tool
from tests.client.doctor import gates, stacks
from tests.client.service import Answer, Service, serving
from tests.support.account import emulated


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A sound stack's outputs, in an emulated account.

    In this process moto breaks off at a dry run without ciphertext: test_denied.py has that.
    """
    monkeypatch.setattr(denied, "check", lambda clients, stack: iter(()))
    with emulated():
        yield stacks.applied()


def doctored(document: str, environment: Mapping[str, str], *options: str) -> tuple[Exit, list[str], str]:
    """Runs the command in this process, where AWS is emulated: how it ended, its lines, and stderr."""
    out, err = io.StringIO(), io.StringIO()
    chosen = parser().parse_args(["doctor", "--stack", "-", *options])
    stdin = io.BytesIO(document.encode())
    session = Session(environment, stdin, out, err, interactive=False, as_json=chosen.json)
    return run(session, chosen), out.getvalue().splitlines(), err.getvalue()


def states(lines: list[str]) -> dict[str, str]:
    """By check, how it ended, from the lines of `--json`."""
    findings = [json.loads(line)["finding"] for line in lines[:-1]]
    return {finding["check"]: finding["state"] for finding in findings}


def test_a_sound_stack_leaves_only_what_cannot_be_asked(account: dict[str, Any], service: Service) -> None:
    """Exit 7: the fake API has no TLS and moto no dry run; nothing failed, and the last line counts."""
    gates.settle(service, gates.sound, "vault/tokenize vault/read")
    end, lines, err = doctored(stacks.document(account), service.environment(), "--json")
    assert (end, err) == (Exit.NOT_CHECKED, "")
    assert [check for check, state in states(lines).items() if state != "ok"] == ["API: TLS floor"]
    assert json.loads(lines[-1]) == {"report": {"ok": 63, "failed": 0, "not_checked": 1}}


def test_a_fault_ends_with_one_and_stands_in_the_table(account: dict[str, Any], service: Service) -> None:
    """What failed counts for more than what could not be checked."""
    gates.settle(service, gates.sound, "vault/tokenize")
    stacks.client("cloudwatch").disable_alarm_actions(AlarmNames=["tv-errors"])
    end, lines, _ = doctored(stacks.document(account), service.environment())
    assert end is Exit.SOME_FAILED
    [line] = [line for line in lines if line.startswith("FAILED")]
    assert line.split("  ")[-1].strip() == "tell nobody: tv-errors"
    assert lines[-1] == "62 ok, 1 FAILED, 1 not checked"


def test_alarms_are_set_off_when_asked_for(account: dict[str, Any], service: Service) -> None:
    """One that is named, or all; and otherwise not one, since it pages people."""
    gates.settle(service, gates.sound, "vault/tokenize")
    for options, count in (((), 0), (("--fire-alarms", "tv-errors"), 1), (("--fire-alarms",), 3)):
        _, lines, _ = doctored(stacks.document(account), service.environment(), "--json", *options)
        assert [check for check in states(lines) if check.endswith(": fires")][count:] == []
        assert sum(check.endswith(": fires") for check in states(lines)) == count
        assert set(states(lines).values()) == {"ok", "not_checked"}


def test_no_secret_is_printed(account: dict[str, Any], service: Service) -> None:
    """Neither the client's, nor those of the outputs, nor the test value."""
    gates.settle(service, gates.sound, "vault/tokenize")
    for options in ((), ("--json",)):
        _, lines, err = doctored(stacks.document(account), service.environment(), *options)
        printed = "\n".join([*lines, err])
        made = [seen.body["items"][0]["value"] for seen in service.seen if seen.path == "/v1/tokenize"]
        secrets = ["a-secret-of-the-outputs", "a-secret", "an-api-key", "e30.", *made]
        assert made
        assert [secret for secret in secrets if secret in printed] == []


@pytest.mark.parametrize("code", ["\x1b[2J\x1b[1m", "x\nok           everything"])
def test_a_strange_answer_costs_its_own_check_only(
    account: dict[str, Any], service: Service, code: str
) -> None:
    """What a server makes up ends no run, and neither moves the cursor nor forges a line."""
    types = gates.but(
        "/v1/types", Answer(200, {"types": [code]}), when=lambda seen: "x-api-key" in seen.headers
    )
    made = gates.but("/v1/tokenize", Answer(500, {"code": code}))
    results = gates.but("/v1/tokenize", Answer(200, {"results": [code]}))
    for gate in (types, made, results):
        gates.settle(service, gate, "vault/tokenize")
        end, lines, err = doctored(stacks.document(account), service.environment())
        assert (end, err, lines[-1]) == (Exit.SOME_FAILED, "", "62 ok, 1 FAILED, 1 not checked")
        assert len(lines) == 64 + 2
        assert "\x1b" not in "".join(lines)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_under_mutual_tls_the_old_handshake_has_the_certificate_too(
    account: dict[str, Any], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that the environment names: without it any server breaks off, whatever TLS it takes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(context) as service:
        gates.settle(service, gates.sound, "vault/tokenize")
        environment = {**service.environment(), "TOKENVAULT_CLIENT_CERT": str(certificate)}
        _, lines, _ = doctored(stacks.document(account), environment, "--json")
    assert [check for check, state in states(lines).items() if state != "ok"] == ["API: TLS floor"]
    assert "the API takes TLSv1.1" in "".join(lines)


def test_a_client_is_optional_and_never_half(account: dict[str, Any], service: Service) -> None:
    """Without one its checks are not made; with a part of one nothing is."""
    given = service.environment()
    urls = {name: given[name] for name in ("TOKENVAULT_URL", "TOKENVAULT_TOKEN_URL")}
    half = {**urls, "TOKENVAULT_CLIENT_ID": "an-id"}
    end, lines, err = doctored(stacks.document(account), half)
    assert (end, lines) == (Exit.USAGE, [])
    assert "TOKENVAULT_CLIENT_SECRET is not set" in err
    assert "TOKENVAULT_API_KEY is not set" in err


def test_outputs_that_are_missing_are_named() -> None:
    """Before anything is asked."""
    given = stacks.values()
    del given["key_arns"]
    end, lines, err = doctored(stacks.document(given), {})
    assert (end, lines) == (Exit.USAGE, [])
    assert err == "tokenvault: usage: output key_arns is missing\n"


def test_no_file_and_no_credentials_are_told(tmp_path: Path) -> None:
    """As a process: with exit 2, and what to do."""
    none = tmp_path / "none.json"
    missing = tool.run({}, "doctor", "--stack", str(none))
    said = f"tokenvault: usage: --stack: {none}: No such file or directory\n"
    assert (missing.code, missing.err) == (2, said)
    nowhere = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "HOME": str(tmp_path),
    }
    document = stacks.document(stacks.values())
    nobody = tool.run(nowhere, "doctor", "--stack", "-", stdin=document)
    assert (nobody.code, nobody.out) == (2, "")
    assert "NoCredentialsError" in nobody.err


def test_without_boto3_it_says_what_is_missing(tmp_path: Path) -> None:
    """An extra that other commands do not need."""
    (tmp_path / "boto3.py").write_text("raise ImportError\n")
    (tmp_path / "stack.json").write_text(stacks.document(stacks.values()))
    done = subprocess.run(
        [sys.executable, "-m", "tokenvault_client", "doctor", "--stack", str(tmp_path / "stack.json")],
        env={"PYTHONPATH": f"{tmp_path}:{tool.SOURCE}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tokenvault: usage: this needs the package boto3: pip install boto3\n"

"""An officer asks who saw what on a day of 200 requests by five services and six people.

The answers are compared with what was written down while the day went by: on the trail as it is, and on
trails that were tampered with, of which no answer counts as verified.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client.audit import Event, KmsKeys, Question, Report, verify
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.main import run
from tokenvault_client.cli.session import Session

from chalicelib.audit.chain import canonical
from tests.support import policies
from tests.support.identity_provider import ISSUER
from tests.support.officers_day import (
    CLINICS_ISSUER,
    NAMES,
    REQUESTS,
    START,
    STEP_SECONDS,
    SUBS,
    Day,
    Expected,
    policy,
)
from tests.support.world import COMPOSITION_ROOT, World, world

Item = dict[str, Any]
NOON = START + REQUESTS * STEP_SECONDS // 2
END = datetime.fromtimestamp(START + REQUESTS * STEP_SECONDS, UTC)


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """The day, when it is over."""
    made = Day()

    class Time:
        time = staticmethod(lambda: made.now)

    with pytest.MonkeyPatch.context() as patch:
        for part in COMPOSITION_ROOT:
            patch.setattr(f"chalicelib.{part}.time", Time)
        with world(policy()) as account:
            made.pass_by(account)
            yield made


@pytest.fixture(scope="module")
def trail(day: Day) -> list[Item]:
    """All items of the audit table."""
    return [json.loads(canonical(item)) for item in account_of(day).items("audit")]


@pytest.fixture(scope="module")
def events(day: Day, trail: list[Item]) -> list[Event]:
    """The events of the trail as it is, which verifies."""
    found: list[Event] = []
    report = checked(day, trail, found.append)
    assert (report.findings, report.ok) == ([], True)
    return found


def account_of(day: Day) -> World:
    assert day.account is not None
    return day.account


def checked(day: Day, items: list[Item], on_event: Callable[[Event], None] = lambda event: None) -> Report:
    account = account_of(day)
    keys = KmsKeys(account.kms, account.audit_key)
    return verify(items, vault_id=policies.VAULT_ID, unwrap=keys, until=END, on_event=on_event)


def answered(events: list[Event], question: Question) -> list[Expected]:
    """The accesses as the day wrote down what it expects."""
    found = [access for event in events for access in question.answers(event)]
    names = [each.name for each in fields(Expected)]
    return sorted((Expected(**{name: getattr(a, name) for name in names}) for a in found), key=str)


def expected(day: Day, fits: Callable[[Expected], bool]) -> list[Expected]:
    return sorted(filter(fits, day.expected), key=str)


def who(day: Day, folder: Path, items: list[Item], *options: str) -> tuple[Exit, list[Any], str]:
    """`tokenvault audit who --json` on an export of these items: how it ended, its lines, and stderr."""
    file = folder / "export.ndjson"
    file.write_text("".join(json.dumps({"Item": item}) + "\n" for item in items))
    trail = [
        "--vault-id",
        policies.VAULT_ID,
        "--kms-key",
        account_of(day).audit_key,
        "--until",
        END.isoformat(),
    ]
    chosen = parser().parse_args(["audit", "who", *options, *trail, "--json", str(file)])
    out, err = io.StringIO(), io.StringIO()
    session = Session({}, io.BytesIO(), out, err, interactive=False, as_json=True)
    return run(session, chosen), [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_the_day_is_on_record_to_the_last_access(day: Day, events: list[Event]) -> None:
    """Five services, six people, 200 requests: nothing is missing, and nothing is there besides."""
    assert len({entry.client for entry in day.expected}) == 5
    named = {entry.username for entry in day.expected} | {entry.on_behalf_of for entry in day.expected}
    assert named - {None} == set(NAMES)
    assert sum(event.action != "checkpoint" for event in events) == REQUESTS
    assert answered(events, Question()) == expected(day, lambda entry: True)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_did_and_what_was_only_said_of_them(day: Day, events: list[Event], name: str) -> None:
    """By username and by `sub`; whom a client named is no `sub` of anybody."""
    by_name = expected(day, lambda entry: name in (entry.username, entry.on_behalf_of, entry.asserted_sub))
    assert by_name
    assert answered(events, Question(person=name)) == by_name
    by_sub = expected(day, lambda entry: entry.user_sub == SUBS[name])
    assert answered(events, Question(person=SUBS[name])) == by_sub


@pytest.mark.parametrize("issuer", [ISSUER, CLINICS_ISSUER])
def test_one_name_at_two_providers_is_two_people(day: Day, events: list[Event], issuer: str) -> None:
    """The shop's `anna` and the clinic's, each with what her own provider signed and nothing else."""
    hers = expected(day, lambda entry: (entry.asserted_by, entry.asserted_sub) == (issuer, "anna"))
    assert hers
    assert answered(events, Question(person="anna", asserted_by=issuer)) == hers


def test_who_saw_a_card_and_what_a_service_did_until_noon(day: Day, events: list[Event]) -> None:
    """By token, by client, and by client within a time, from its first moment to before its last."""
    token = Counter(entry.token for entry in day.expected if entry.client == "settlement").most_common(1)[0][
        0
    ]
    assert answered(events, Question(tokens=frozenset({str(token)}))) == expected(
        day, lambda entry: entry.token == token
    )
    noon = datetime.fromtimestamp(NOON, UTC)
    cut = noon.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for client in ("settlement", "support", "privacy", "intake", "checkout"):
        by_client = [entry for entry in expected(day, lambda entry: True) if entry.client == client]
        early, late = (
            answered(events, Question(client=client, **part)) for part in ({"before": noon}, {"since": noon})
        )
        assert early == [entry for entry in by_client if entry.at < cut]
        assert late == [entry for entry in by_client if entry.at >= cut]


def test_the_command_tells_signed_in_and_said_apart(day: Day, trail: list[Item], tmp_path: Path) -> None:
    """Those with proof of the person come first, each by time; the last line has their numbers."""
    end, lines, err = who(day, tmp_path, trail, "--person", "finn")
    assert (end, err) == (Exit.OK, "")
    told_of = [line for line in lines if "access" in line]
    signed_in = [line["access"].get("username") == "finn" for line in told_of]
    asserted = [line["access"].get("asserted_sub") == "finn" for line in told_of]
    proven = [any(proof) for proof in zip(signed_in, asserted, strict=True)]
    assert proven == sorted(proven, reverse=True)
    assert [(line["signed_in"], line["asserted"]) for line in told_of] == list(
        zip(signed_in, asserted, strict=True)
    )
    assert all(line["verified"] for line in told_of)
    said = expected(day, lambda entry: entry.on_behalf_of == "finn" != entry.asserted_sub)
    vouched = expected(day, lambda entry: entry.asserted_sub == "finn")
    did = expected(day, lambda entry: entry.username == "finn")
    assert said
    assert did
    assert vouched
    assert lines[-1] == {
        "accesses": {
            "person": "finn",
            "signed_in": len(did),
            "asserted": len(vouched),
            "claimed": len(said),
            "approved": 0,
        }
    }


def test_the_command_takes_a_client_between_two_times(day: Day, trail: list[Item], tmp_path: Path) -> None:
    """As `--since` and `--before` together."""
    cut = datetime.fromtimestamp(NOON, UTC).isoformat()
    _, lines, _ = who(day, tmp_path, trail, "--client", "settlement", "--between", cut, END.isoformat())
    _, same, _ = who(
        day, tmp_path, trail, "--client", "settlement", "--since", cut, "--before", END.isoformat()
    )
    assert lines == same
    assert len([line for line in lines if "access" in line]) == len(
        expected(day, lambda entry: entry.client == "settlement" and entry.at >= cut)
    )


@pytest.mark.parametrize(
    "times",
    [
        ("2026-11-02", "2026-11-01"),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01", "2026-11-02", "--since", "2026-11-01"),
    ],
)
def test_times_that_cannot_be_meant_are_refused(day: Day, tmp_path: Path, times: tuple[str, ...]) -> None:
    """A time that ends before it begins, and two ways to say it at once."""
    end, lines, err = who(day, tmp_path, [], "--between", *times)
    assert (end, lines, "--between" in err) == (Exit.USAGE, [], True)


def named(items: list[Item], attribute: str, text: str) -> list[Item]:
    return [item for item in items if item.get(attribute, {}).get("S") == text]


def without(items: list[Item], *gone: Item) -> list[Item]:
    return [item for item in items if item not in gone]


def blame_somebody_else(items: list[Item]) -> list[Item]:
    """Anna writes Bert into what she did."""
    return [
        item | {"username": {"S": "bert"}} if item.get("username") == {"S": "anna"} else item
        for item in items
    ]


def pass_a_word_off_as_a_sign_in(items: list[Item]) -> list[Item]:
    """What a client said of Eva becomes what Eva did."""
    said = named(items, "on_behalf_of", "eva")[0]
    moved = {name: part for name, part in said.items() if name != "on_behalf_of"}
    return [*without(items, said), moved | {"username": {"S": "eva"}, "user_sub": {"S": SUBS["eva"]}}]


def take_the_person_away(items: list[Item]) -> list[Item]:
    """Carla's event stays, without Carla."""
    did = named(items, "username", "carla")[0]
    return [
        *without(items, did),
        {name: part for name, part in did.items() if name not in ("username", "user_sub")},
    ]


def take_the_event_away(items: list[Item]) -> list[Item]:
    """One of Carla's events is gone."""
    return without(items, named(items, "username", "carla")[1])


def exchange_two_people(items: list[Item]) -> list[Item]:
    """Anna's event and Carla's exchange their people."""
    first, second = named(items, "username", "anna")[0], named(items, "username", "carla")[0]
    behind = {
        name: {key: item[key] for key in ("username", "user_sub")}
        for name, item in (("a", first), ("c", second))
    }
    return [*without(items, first, second), first | behind["c"], second | behind["a"]]


def make_an_event_up(items: list[Item]) -> list[Item]:
    """Finn is said to have looked once more, at the end of a chain that there is."""
    did = named(items, "username", "finn")[-1]
    last = max((i for i in items if i["chain"] == did["chain"]), key=lambda item: int(item["sequence"]["N"]))
    return [*items, did | {"sequence": {"N": str(int(last["sequence"]["N"]) + 1)}, "previous": last["mac"]}]


def cut_the_afternoon_off(items: list[Item]) -> list[Item]:
    """All from noon on is gone, the checkpoints too."""
    cut = datetime.fromtimestamp(NOON, UTC).isoformat()
    return [item for item in items if item["sk"]["S"] < cut]


TAMPERED: list[tuple[Callable[[list[Item]], list[Item]], str, str]] = [
    (blame_somebody_else, "edited", "bert"),
    (pass_a_word_off_as_a_sign_in, "edited", "eva"),
    (take_the_person_away, "edited", "carla"),
    (take_the_event_away, "gap", "carla"),
    (exchange_two_people, "edited", "anna"),
    (make_an_event_up, "edited", "finn"),
    (cut_the_afternoon_off, "uncovered", "dan"),
]


@pytest.mark.parametrize(("tamper", "kind", "name"), TAMPERED, ids=lambda part: getattr(part, "__name__", ""))
def test_no_answer_of_a_tampered_trail_counts_as_verified(
    day: Day,
    trail: list[Item],
    tmp_path: Path,
    tamper: Callable[[list[Item]], list[Item]],
    kind: str,
    name: str,
) -> None:
    """Each answer says that it proves nothing, and so does the exit code; what was done is a finding."""
    end, lines, err = who(day, tmp_path, tamper(trail), "--person", name)
    assert end is Exit.NOT_VERIFIED
    assert kind in {line["finding"]["kind"] for line in lines if "finding" in line}
    answers = [line for line in lines if "access" in line]
    assert answers
    assert not [line for line in answers if line["verified"]]
    assert "does not verify" in err

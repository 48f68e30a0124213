"""A map that names what the policy does not have: told before anything is sent, or by the first answer."""

from pathlib import Path

import pytest
from tokenvault_client.bulk import NotImportable, refuse_unknown
from tokenvault_client.bulk.mapping import Column
from tokenvault_client.results import InfoType

from tests.client.bulk.imports import CARD, Files, run
from tests.client.service import HANG_UP, Answer, Seen, Service, problem

BORN = '[columns.born]\ntype = "date"\n'
LACKS = 'map: columns."born".type: the policy has no type date for this client; it has card_number, text'
EMAIL = InfoType("email", "email", "deterministic", None, None)
NOTE = InfoType("note", "text", "random", 60, 3600)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path)
    made.write("card,born\n" + "41,1815-12-10\n" * 300, CARD + BORN)
    return made


def refusing(code: str, service: Service) -> None:
    """The service as it answers items of a type that it does not have, or lets this client not use."""
    usual = service.usual

    def answer(seen: Seen) -> Answer:
        answered = usual(seen)
        if seen.path == "/v1/tokenize":
            for place, item in enumerate(seen.body["items"]):
                if item["type"] == "date":
                    answered.body["results"][place] = {"error": {"code": code, "detail": "no such type"}}
        return answered

    service.usual = answer


def test_a_type_that_the_policy_does_not_have_is_told_before_anything_is_sent(
    service: Service, files: Files
) -> None:
    """With those that it has; no card is taken in, and nothing is left to remove."""
    service.known_types = ("text", "card_number")
    ended = run(service, files)
    assert (ended.code, ended.err, service.seen) == (2, f"tokenvault: usage: {LACKS}\n", [])
    assert sorted(files.folder.iterdir()) == [files.source, files.folder / "map.toml"]


@pytest.mark.parametrize(
    "answer", [problem(503, "restoring"), problem(403, "not_permitted"), HANG_UP], ids=str
)
def test_an_import_does_not_depend_on_who_tells_the_types(
    service: Service, files: Files, answer: Answer
) -> None:
    """Another function does, which may be away while values are taken in."""
    service.known_types = None
    service.script.append(answer)
    assert run(service, files).code == 0


@pytest.mark.parametrize(
    ("code", "once"), [("unknown_type", "the policy has the type"), ("not_permitted", "this client may")]
)
def test_an_item_of_such_a_type_ends_the_run_and_is_no_bad_cell(
    service: Service, files: Files, code: str, once: str
) -> None:
    """At once, since each row would meet it; the run is gone on with when that is mended."""
    usual = service.usual
    refusing(code, service)
    ended = run(service, files)
    assert (ended.code, f"tokenvault: {code}: type date: no such type" in ended.err) == (3, True)
    assert f"0 rows are done; once {once}, the same" in ended.err
    assert files.bad_rows == []
    service.usual = usual
    assert run(service, files).code == 0
    assert files.made == "card,born\n" + "14,01-21-5181\n" * 300


def test_a_time_limit_that_a_type_does_not_allow_is_told_too() -> None:
    """Each value would be refused for it."""
    refuse_unknown([Column("a", "email"), Column("b", "note", ttl_seconds=3600)], [EMAIL, NOTE])
    with pytest.raises(NotImportable, match="tokens of the deterministic type email take no time limit"):
        refuse_unknown([Column("a", "email", ttl_seconds=60)], [EMAIL, NOTE])
    with pytest.raises(NotImportable, match="at most 3600 for the type note"):
        refuse_unknown([Column("b", "note", ttl_seconds=3601)], [EMAIL, NOTE])


def test_a_client_without_any_type_is_told_so() -> None:
    """And not with an empty list."""
    with pytest.raises(NotImportable, match="it has none"):
        refuse_unknown([Column("a", "email")], [])

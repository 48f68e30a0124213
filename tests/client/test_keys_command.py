"""`tokenvault keys`: an operator rotates a key to the end, with numbers and ids of keys and nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client.cli.key_walks import MOST_FAULTS, Walks
from tokenvault_client.errors import Refused, Unavailable

from chalicelib.errors import StoreRefused, StoreUnavailable
from tests.client import tool
from tests.client.doctor import stacks
from tests.client.operated import Answer, functions, lambdas
from tests.support.answers import tokens
from tests.support.rotations import Operator
from tests.support.values import of_a_subject, opaque
from tests.support.world import World, world

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture
def account() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def operator(account: World) -> Operator:
    return Operator(account)


@pytest.fixture
def stack(tmp_path: Path) -> str:
    """The file with the outputs of the stack."""
    file = tmp_path / "outputs.json"
    file.write_text(stacks.document(stacks.values()))
    return str(file)


def run(answer: Answer, stack: str, *arguments: str) -> tool.Ended:
    """The tool on these functions."""
    with lambdas(answer) as url:
        environment = {"AWS_ENDPOINT_URL": url, **CREDENTIALS}
        return tool.run(environment, "keys", *arguments, "--tenant", "shop", "--stack", stack)


def states(ended: tool.Ended) -> list[tuple[str, int | None]]:
    """The versions of an answer: state and number of records, the oldest first."""
    versions = [line["version"] for line in ended.objects if "version" in line]
    return [(version["state"], version["records"]) for version in versions]


def test_a_key_is_rotated_to_the_end(account: World, operator: Operator, stack: str) -> None:
    """Rotate, rewrap: the old version retires, every value opens, and no token or value is printed."""
    made = tokens(account.tokenize(*of_a_subject(1), *opaque(2)))
    rotated = run(functions(operator), stack, "rotate", "--json")
    assert (rotated.code, len(rotated.objects[0]["ready"])) == (0, 1), rotated
    operator.settle()
    ended = run(functions(operator), stack, "rewrap", "--json")
    assert (ended.code, ended.err) == (0, ""), ended
    assert ended.objects[0]["records"]["moved"] == 5
    assert states(ended) == [("retired", 0), ("in use", 5)]
    account.restart()
    shown = account.detokenize(*made).body["results"]
    assert [entry["value"] for entry in shown] == [item["value"] for item in (*of_a_subject(1), *opaque(2))]
    plain = run(functions(operator), stack, "status")
    assert [line.split()[1] for line in plain.lines] == ["retired", "in", "key"]
    said = ended.out + ended.err + plain.out + plain.err + rotated.out
    assert not [token for token in (*made, "text 1", "text 2") if token in said]


def test_a_version_that_may_still_be_written_with_waits(
    account: World, operator: Operator, stack: str
) -> None:
    """The records are moved, the version stays, and the tool says when to run it again."""
    account.tokenize(*opaque(1))
    operator.rotate()
    ended = run(functions(operator), stack, "rewrap", "--json")
    assert (ended.code, "may still be written with; run this again after" in ended.err) == (1, True), ended
    assert states(ended) == [("superseded", 0), ("in use", 1)]


def test_what_cannot_be_moved_holds_a_version_up_unless_it_is_compromised(
    account: World, operator: Operator, stack: str
) -> None:
    """And then somebody has to say so: the records open no more."""
    [spoiled, _] = tokens(account.tokenize(*opaque(1), *opaque(2)))
    account.store(account.stored(spoiled) | {"created": {"N": "1"}})
    operator.rotate()
    operator.settle()
    compromised = ("--compromised",)
    for options, code in (((), 1), (compromised, 2), ((*compromised, "--yes"), 0)):
        assert operator.versions()[0]["retired"] is None
        ended = run(functions(operator), stack, "rewrap", "--json", *options)
        assert (ended.code, ended.objects[0]["records"]["corrupt"]) == (code, 1), ended
    assert operator.versions()[0]["retired"] is not None


def test_records_that_wait_for_a_secret_are_tried_again(account: World, operator: Operator) -> None:
    """It is on its way from another Region; what was moved meanwhile is counted once."""
    account.tokenize(*of_a_subject(1), *opaque(1), *opaque(2))
    newest = operator.rotate()
    secrets = [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]
    for item in secrets:
        key = {"pk": item["pk"], "sk": item["sk"]}
        account.dynamodb.delete_item(TableName="subjects", Key=key)
    slept = list[float]()

    def arrives(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 1:
            for item in secrets:
                account.store(item, "subjects")

    walking = walks(Failing(operator, 1_000_000), [])
    walking.sleep, walking.items_per_second = arrives, 10_000
    walking.run(moves=True)
    assert walking.moved == {"moved": 6, "passed": 0, "closed": 0, "waiting": 0, "corrupt": 0}
    assert set(walking.moved) == {"moved", "passed", "closed", "waiting", "corrupt"}
    assert operator.named()[newest] == 6


def test_of_a_compromised_version_what_may_still_open_is_told(
    account: World, operator: Operator, stack: str
) -> None:
    """Before somebody says that it may retire with them."""
    account.tokenize({**opaque(1)[0], "subject": "p1"})
    operator.rotate()
    operator.settle()
    for item in account.items("subjects"):
        account.dynamodb.delete_item(TableName="subjects", Key={"pk": item["pk"], "sk": item["sk"]})
    ended = run(functions(operator), stack, "rewrap", "--json", "--compromised")
    assert "1 records wait for a secret that may still come to this Region" in ended.err
    assert operator.versions()[0]["retired"] is None


def test_status_counts_and_can_do_without(account: World, operator: Operator, stack: str) -> None:
    """Without a walk, it says what the latest one counted, or that there is none."""
    account.tokenize(*opaque(1), *opaque(2))
    assert states(run(functions(operator), stack, "status", "--json", "--no-count")) == [("in use", None)]
    assert states(run(functions(operator), stack, "status", "--json")) == [("in use", 2)]
    account.tokenize(*opaque(3))
    assert states(run(functions(operator), stack, "status", "--json", "--no-count")) == [("in use", 2)]


def test_status_says_which_prf_keys_are_ready(account: World, operator: Operator, stack: str) -> None:
    """By number; one that another Region has not seen yet is not, and tokens do not follow from it."""
    key = {"pk": {"S": "shop"}, "sk": {"S": "prf"}}
    second = account.dynamodb.get_item(TableName="keys", Key=key)["Item"] | {"sk": {"S": "prf-2"}}
    account.store(second, "keys")
    told = run(functions(operator), stack, "status", "--json", "--no-count")
    assert [line["prf_key"] for line in told.objects if "prf_key" in line] == [
        {"number": 1, "ready": True},
        {"number": 2, "ready": False},
    ]
    assert run(functions(operator), stack, "status", "--no-count").lines[1:] == [
        "PRF key 1  ready",
        "PRF key 2  not ready",
    ]


def test_status_tells_how_far_a_job_over_segments_has_come(
    account: World, operator: Operator, stack: str
) -> None:
    """Without a walk of its own, as often as somebody looks."""
    account.tokenize(*opaque(1), *opaque(2))
    for part in range(15):
        operator.walk(moves=False, part=part)
    told = run(functions(operator), stack, "status", "--no-count").lines[0]
    assert told.startswith("segments walked side by side: 15 of 16 done, "), told
    operator.walk(moves=False, part=15)
    told = run(functions(operator), stack, "status", "--json", "--no-count")
    assert told.objects[0] == {"progress": {"done": 16, "seen": 2, "estimate": 2}}
    assert states(told) == [("in use", 2)]


def test_a_retired_version_is_reinstated(account: World, operator: Operator, stack: str) -> None:
    """By its id; an id of no version is refused with the function's own words."""
    operator.rotate()
    operator.settle()
    assert run(functions(operator), stack, "rewrap").code == 0
    old, _ = operator.versions()
    ended = run(functions(operator), stack, "reinstate", "--json", "--key", old["key_id"])
    assert [state for state, _ in states(ended)] == ["superseded", "in use"]
    unknown = run(functions(operator), stack, "reinstate", "--key", "0" * 32)
    assert (unknown.code, "key: the tenant has no such version" in unknown.err) == (3, True), unknown


def test_a_tenant_that_there_is_not_is_refused(operator: Operator, stack: str) -> None:
    """In one line."""
    with lambdas(functions(operator)) as url:
        arguments = ("keys", "rotate", "--tenant", "nobody", "--stack", stack)
        ended = tool.run({"AWS_ENDPOINT_URL": url, **CREDENTIALS}, *arguments)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (3, "", 1), ended


class Failing:
    """The functions of an operator, of whose calls one in so many fails, after it was carried out."""

    def __init__(self, operator: Operator, every: int) -> None:
        self._answer, self._every, self.calls = functions(operator), every, 0

    def maintain(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return self._called("tv-maintain", event)

    def reveal(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return self._called("tv-reveal", event)

    def _called(self, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
        self.calls += 1
        answer: dict[str, Any] = self._answer(name, dict(event))
        if "error" in answer:
            kind = Unavailable if answer["error"]["retry"] else Refused
            raise kind.of(answer["error"]["code"], answer["error"]["detail"])
        if not self.calls % self._every:
            raise Unavailable.of("function_unavailable", "the answer was lost")
        return answer


def walks(failing: Failing, slept: list[float]) -> Walks:
    """Walks of ten items a second, that sleep at once."""
    return Walks(failing, "shop", 10, lambda line: None, sleep=slept.append)


def test_a_last_step_whose_answer_was_lost_is_not_walked_again(account: World, operator: Operator) -> None:
    """What began the walk finds it finished; who names no walk begins another."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)
    counted = Failing(operator, 1_000_000)
    walks(counted, []).run(moves=False)
    # The number of calls of a walk is that of its steps and one that begins it: the last is lost.
    lost = Failing(operator, counted.calls)
    done = walks(lost, []).run(moves=False)
    assert (done["done"], lost.calls) == (True, counted.calls + 1)
    assert walks(Failing(operator, 1_000_000), []).run(moves=False)["revision"] > done["revision"]


def test_lost_answers_are_got_over(account: World, operator: Operator) -> None:
    """Whether a step was taken is not known, so the walk is begun from again, where it is."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)
    newest = operator.rotate()
    slept = list[float]()
    assert walks(Failing(operator, 3), slept).run(moves=True)["done"]
    assert operator.named()[newest] == 30
    assert 2.0 in slept


def test_many_faults_in_a_row_end_it(account: World, operator: Operator) -> None:
    """With the error, after pauses; what was done is gone on with."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)
    failing, slept = Failing(operator, 1_000_000), list[float]()
    walking = walks(failing, slept)
    account.fault = lambda name, given: StoreUnavailable("down") if slept else None
    with pytest.raises(Unavailable):
        walking.run(moves=False)
    assert len([seconds for seconds in slept if seconds >= 2]) == MOST_FAULTS - 1
    account.fault = None
    assert walks(failing, slept).run(moves=False)["done"]


def test_a_walk_that_aws_refuses_ends_at_once(account: World, operator: Operator) -> None:
    """With AWS's code, for whoever walks is the operator who has to mend it; mended, it goes on."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)
    failing, slept = Failing(operator, 1_000_000), list[float]()
    walking = walks(failing, slept)
    account.fault = lambda name, given: StoreRefused("the role may not scan") if slept else None
    with pytest.raises(Refused, match="store_refused: the role may not scan"):
        walking.run(moves=False)
    assert not [seconds for seconds in slept if seconds >= 2]
    account.fault = None
    assert walks(failing, slept).run(moves=False)["done"]


def test_a_walk_keeps_its_pace(account: World, operator: Operator) -> None:
    """So many items a second at most: what a step was faster is slept."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)
    slept = list[float]()
    walks(Failing(operator, 1_000_000), slept).run(moves=False)
    assert 1.5 < sum(slept) <= 3


def test_two_runs_of_one_walk_are_told(account: World, operator: Operator) -> None:
    """The one that is behind ends; it does not count twice."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 30)

    def meddle(seconds: float) -> None:
        walk = operator.ask("walk", moves=False)
        operator.ask("walk", revision=walk["revision"], limit=1)

    walking = Walks(Failing(operator, 1_000_000), "shop", 10, lambda line: None, sleep=meddle)
    with pytest.raises(Refused, match="another run"):
        walking.run(moves=False)

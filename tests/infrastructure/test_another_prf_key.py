"""The runbook for replacing a type's PRF key, on a stack that is up: its steps, by the tool, in order."""

import json
from pathlib import Path

import pytest

from local.stack import VARIABLES
from tests.client import tool
from tests.support.running import Running

LOCAL = Path(__file__).resolve().parents[2] / "terraform" / VARIABLES
TENANT, CLIENT, SCOPES = "clinic", "intake", ["vault/tokenize"]
NOTES = [{"type": "note", "value": f"note {n}"} for n in range(3)]


class Operator:
    """Who moves the notes of the clinic, and keeps their tokens, too."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.running, self.folder = running, folder

    def tokenize(self) -> list[str]:
        """The notes' tokens, as of now."""
        made = self.running.call("POST", "/v1/tokenize", CLIENT, SCOPES, {"items": NOTES})
        return [entry["token"] for entry in made.body["results"]]

    def opened(self, tokens: list[str]) -> list[str | None]:
        """What each token opens as, None if it does not."""
        body = {"items": [{"token": token} for token in tokens], "purpose": "treatment"}
        shown = self.running.call("POST", "/v1/detokenize", CLIENT, ["vault/detokenize"], body)
        return [entry.get("value") for entry in shown.body["results"]]

    def ask(self, command: str, *more: str) -> tool.Ended:
        """A command that asks the functions."""
        outputs = self.running.stack.terraform.run("output", "-json", interactive=False)
        named = ("--stack", "-") if command == "prepare" else ("--tenant", TENANT, "--stack", "-")
        environment = self.running.stack.account.environment
        return tool.run(environment, "retokenize", command, *more, *named, stdin=outputs)

    def use(self, *command: str) -> tool.Ended:
        """A command that asks the API, or nobody."""
        return tool.run(self.running.environment(CLIENT), *command)

    def apply(self, prf_key: int) -> None:
        """`terraform apply` with another number for notes."""
        file = self.folder / "more.tfvars"
        written = 'mode = "deterministic", derivation = "cached"'
        file.write_text(LOCAL.read_text().replace(written, f"{written}, prf_key = {prf_key}"))
        self.running.stack.change(str(file))


@pytest.fixture
def operator(running: Running, tmp_path: Path) -> Operator:
    public = running.stack.account.client("kms").get_public_key(
        KeyId=running.stack.outputs["key_arns"]["receipts"]
    )
    (tmp_path / "receipts.der").write_bytes(public["PublicKey"])
    made = Operator(running, tmp_path)
    assert made.use("export", "keygen", str(tmp_path / "recipient")).code == 0
    return made


def test_the_tokens_of_a_type_move_to_another_key(operator: Operator) -> None:
    """Made before it is named, applied, moved, handed over, retired; and then nothing is left to be moved."""
    folder, old = operator.folder, operator.tokenize()
    pairs, keys = str(folder / "pairs"), ("--key", str(folder / "recipient.key"))
    keys += ("--public-key", str(folder / "receipts.der"))
    run = ("--type", "note", "--to", str(folder / "recipient.pub"), "--yes", "--json", "--out")
    prepared = operator.ask("prepare", "--prf-key", "2", "--again")
    assert (prepared.code, prepared.out) == (0, "ready in every Region\n"), prepared
    operator.apply(2)
    try:
        moved = operator.ask("run", *run, pairs)
        assert (moved.code, moved.objects[0]["retokenized"]["tokens"]) == (0, 3), moved
        assert operator.use("retokenize", "open", pairs, *keys, "--out", f"{pairs}.jsonl").code == 0
        entries = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
        new = {entry["token"]: entry["new_token"] for entry in entries}
        assert operator.tokenize() == [new[token] for token in old]
        assert (
            operator.opened(old)
            == operator.opened([new[token] for token in old])
            == [n["value"] for n in NOTES]
        )
        retired = operator.use("retokenize", "retire", pairs, *keys, "--yes", "--json")
        assert (retired.code, retired.objects) == (0, [{"retired": {"old": 3, "new": 0, "gone": 0}}]), retired
        assert operator.opened(old) == [None] * 3
        assert operator.opened(list(new.values())) == [entry["value"] for entry in notes_of(new, old)]
        again = operator.ask("run", *run, f"{pairs}2")
        assert again.objects[0]["retokenized"]["tokens"] == 0
    finally:
        operator.running.stack.change(VARIABLES)


def notes_of(new: dict[str, str], old: list[str]) -> list[dict[str, str]]:
    """The notes in the order of the pairs."""
    return [NOTES[old.index(token)] for token in new]

"""The scripts of `examples/first-tasks` do what its page says, on a running stack."""

import csv
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rough_road import rough_road
from tests.support.running import Running

ROOT = Path(__file__).resolve().parents[2]
TASKS = ROOT / "examples" / "first-tasks"
COMMANDS = {"aws": "-m tests.support.aws_command", "tokenvault": "-m tokenvault_client"}
KEY = "k" * 32


class Desk:
    """A folder with the files that the page makes first, and a shell in it."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.running, self.folder = running, folder
        for client in ("checkout", "settlement", "support", "privacy"):
            said = running.environment(client).items()
            (folder / f"{client}.env").write_text(
                "".join(f"export {name}={shlex.quote(value)}\n" for name, value in said)
            )
        facts = running.stack.facts().environment.items()
        (folder / "stack.env").write_text("".join(f"{name}={value}\n" for name, value in facts))
        for name, module in COMMANDS.items():
            (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            (folder / name).chmod(0o755)

    def run(self, *command: str, out: str | None = None, **environment: str) -> None:
        """Runs a command here, which has to succeed; `out` is the file that takes its output."""
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
            env={
                "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "clients/python/src")]),
                **environment,
            },
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done
        if out:
            (self.folder / out).write_text(done.stdout)

    def script(self, name: str, *arguments: str, client: str, url: str | None = None, out: str | None = None):
        """Runs a Python script of the example as a client, whose requests go to `url`."""
        said = self.running.environment(client)
        said["TOKENVAULT_URL"] = url or said["TOKENVAULT_URL"]
        self.run(sys.executable, str(TASKS / name), *arguments, out=out, **said)

    def rows(self, name: str) -> list[dict[str, str]]:
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()


@pytest.fixture
def desk(dev_running: Running, tmp_path: Path) -> Iterator[Desk]:
    """On the stack without Terraform; the scripts know no difference."""
    return Desk(dev_running, tmp_path)


def records(running: Running) -> int:
    """How many tokens the vault holds."""
    scan = running.stack.account.client("dynamodb").get_paginator("scan")
    pages = scan.paginate(TableName=running.stack.outputs["tables"]["vault"], ProjectionExpression="sk")
    return sum(item["sk"]["S"] == "record" for page in pages for item in page["Items"])


def test_a_checkout_and_a_settlement_over_a_rough_road(desk: Desk) -> None:
    """A thousand orders go in and come back, whatever breaks; no value gets a second token."""
    desk.run(sys.executable, str(TASKS / "orders.py"), "1000", out="orders.csv")
    before = records(desk.running)
    with rough_road(desk.running.stack.places.url) as road:
        desk.script("checkout.py", "orders.csv", "kept.csv", KEY, client="checkout", url=road.url)
        assert records(desk.running) == before + 2000
        desk.script("settlement.py", "kept.csv", client="settlement", url=road.url, out="payments.csv")
    assert min(road.befallen[what] for what in ("cut before", "cut after", "stalls", "refuses")) > 0

    orders, kept = desk.rows("orders.csv"), desk.rows("kept.csv")
    for name in ("order", "customer", "amount"):
        assert [row[name] for row in kept] == [row[name] for row in orders]
    assert len({row[name] for row in kept for name in ("email", "card")}) == 2000
    payments = [{name: row[name] for name in ("order", "card", "amount")} for row in orders]
    assert desk.rows("payments.csv") == payments


def test_a_checkout_that_is_run_again_keeps_its_tokens(desk: Desk) -> None:
    """Under the same key the same file comes out, to the byte."""
    desk.run(sys.executable, str(TASKS / "orders.py"), "60", out="orders.csv")
    desk.script("checkout.py", "orders.csv", "kept.csv", KEY + "-b", client="checkout")
    desk.script("checkout.py", "orders.csv", "again.csv", KEY + "-b", client="checkout")
    assert desk.lines("again.csv") == desk.lines("kept.csv")


def test_a_days_file_and_an_officers_day(desk: Desk) -> None:
    """The file comes back with tokens; who saw a card is told; a customer is gone, and there is a proof."""
    desk.run(sys.executable, str(TASKS / "orders.py"), "60", out="orders.csv")
    desk.run("sh", str(TASKS / "day.sh"), "orders.csv")
    orders, tokens = desk.rows("orders.csv"), desk.rows("day.tokens.csv")
    assert [row["amount"] for row in tokens] == [row["amount"] for row in orders]
    assert desk.lines("day.payments") == [row["card"] for row in orders]
    assert desk.lines("day.masks") == [f"************{row['card'][-4:]}" for row in orders[:40]]

    token, customer = tokens[0]["card"], tokens[0]["customer"]
    desk.run("sh", str(TASKS / "officer.sh"), token, customer)
    seen = [re.sub(r"^\S+ | \(request .*", "", line) for line in desk.lines("who.txt") if token in line]
    assert seen == ["shop/support detokenize.masked: revealed " + token,
                    "shop/settlement detokenize: revealed for settlement " + token]  # fmt: skip
    assert desk.lines("proof.txt")
    assert any(customer in line for line in desk.lines("erased.txt"))
    of_customer = [row["card"] for row in tokens if row["customer"] == customer]
    answered = desk.running.detokenize(*of_customer).body["results"]
    assert {entry["error"]["code"] for entry in answered} == {"token_not_found"}

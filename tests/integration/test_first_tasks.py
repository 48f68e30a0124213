"""The scripts of `examples/first-tasks`, and what its page tells to paste, do what the page says."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from tests.support.certificates import NAME, self_signed
from tests.support.rough_proxy import rough_proxy
from tests.support.running import Running
from tests.support.tls_front import tls_front

ROOT = Path(__file__).resolve().parents[2]
TASKS = ROOT / "examples" / "first-tasks"
KEY = "k" * 32
SENSITIVE = ("name", "email", "phone", "address", "card")


class Desk:
    """A folder, and a shell in it whose home has the checkout."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.running, self.folder = running, folder / "desk"
        self._home, self._commands = folder / "home", folder / "commands"
        for made in (self.folder, self._home / "tokenvault", self._commands):
            made.mkdir(parents=True)
        for linked in ("Makefile", "clients", "examples", "requirements.lock"):
            (self._home / "tokenvault" / linked).symlink_to(ROOT / linked)
        (self._home / "tokenvault" / ".local").symlink_to(running.stack.places.state)
        python, make = shlex.quote(sys.executable), shutil.which("make")
        local = f"LOCAL={sys.executable} -m local --state {running.stack.places.state}"
        made_already = "--old-file .venv/.ready --old-file .venv-evidence/.ready"
        self._command("aws", f'{python} -m tests.support.aws_command "$@"')
        self._command("tokenvault", f'{python} -m tokenvault_client "$@"')
        self._command("python", f'{python} "$@"')
        self._command("python3", f'{python} -m tests.support.environment_without_network "$@"')
        self._command("make", f'{make} {made_already} PYTHON={python} {shlex.quote(local)} "$@"')

    def _command(self, name: str, does: str) -> None:
        (self._commands / name).write_text(f"#!/bin/sh\nexec {does}\n")
        (self._commands / name).chmod(0o755)

    def run(self, *command: str, out: str | None = None, **environment: str) -> None:
        """Runs a command here, which has to succeed; `out` is the file that takes its output."""
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=240, check=False,
            env={
                "HOME": str(self._home),
                "PATH": f"{self._commands}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "clients/python/src")]),
                **environment,
            },
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done
        if out:
            (self.folder / out).write_text(done.stdout)

    def script(self, name: str, *arguments: str, client: str, out: str | None = None, **more: str) -> None:
        """Runs a Python script of the example as a client."""
        said = self.running.environment(client) | more
        self.run(sys.executable, str(TASKS / name), *arguments, out=out, **said)

    def rows(self, name: str) -> list[dict[str, str]]:
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()


@pytest.fixture
def desk(dev_running: Running, tmp_path: Path) -> Iterator[Desk]:
    """On the stack without Terraform, which this process serves; the scripts know no difference."""
    claim = processes.claim(dev_running.stack.places.launcher_pid)
    assert claim is not None
    try:
        yield Desk(dev_running, tmp_path)
    finally:
        claim.release()


def records(running: Running) -> int:
    """How many tokens the vault holds."""
    scan = running.stack.account.client("dynamodb").get_paginator("scan")
    pages = scan.paginate(TableName=running.stack.outputs["tables"]["vault"], ProjectionExpression="sk")
    return sum(item["sk"]["S"] == "record" for page in pages for item in page["Items"])


def payments(orders: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: row[name] for name in ("order", "name", "card", "amount")} for row in orders]


def test_a_checkout_and_a_settlement_through_a_rough_proxy(desk: Desk, tmp_path: Path) -> None:
    """A thousand orders, five columns each, go in and come back; no value gets a second token."""
    desk.run(sys.executable, str(TASKS / "orders.py"), "1000", out="orders.csv")
    before, stack = records(desk.running), desk.running.stack
    certificate = self_signed(tmp_path / "certificate.pem")
    with tls_front(stack.places.url, stack.token_url, certificate) as port, rough_proxy() as proxy:
        away = {
            "TOKENVAULT_URL": f"https://{NAME}:{port}",
            "TOKENVAULT_TOKEN_URL": f"https://{NAME}:{port}/oauth2/token",
            "HTTPS_PROXY": proxy.url,
            "SSL_CERT_FILE": str(certificate),
        }
        desk.script("checkout.py", "orders.csv", "kept.csv", KEY, client="checkout", **away)
        assert records(desk.running) == before + 5000
        desk.script("settlement.py", "kept.csv", client="settlement", out="payments.csv", **away)
    assert set(proxy.asked) == {f"CONNECT {NAME}:{port}"}
    troubles = ("cuts requests", "cuts answers", "delays", "refuses")
    assert min(proxy.befallen[trouble] for trouble in troubles) > 1, proxy.befallen

    orders, kept = desk.rows("orders.csv"), desk.rows("kept.csv")
    for name in ("order", "customer", "amount"):
        assert [row[name] for row in kept] == [row[name] for row in orders]
    assert len({row[name] for row in kept for name in SENSITIVE}) == 5000
    assert desk.rows("payments.csv") == payments(orders)
    answered = desk.running.detokenize(*(kept[0][name] for name in SENSITIVE)).body["results"]
    assert [entry["value"] for entry in answered] == [orders[0][name] for name in SENSITIVE]


def test_a_checkout_that_is_run_again_keeps_its_tokens(desk: Desk) -> None:
    """Under the same key the same file comes out, to the byte."""
    desk.run(sys.executable, str(TASKS / "orders.py"), "25", out="orders.csv")
    desk.script("checkout.py", "orders.csv", "kept.csv", KEY + "-b", client="checkout")
    desk.script("checkout.py", "orders.csv", "again.csv", KEY + "-b", client="checkout")
    assert desk.lines("again.csv") == desk.lines("kept.csv")


@pytest.fixture
def pasted(desk: Desk, tmp_path: Path) -> Desk:
    """After all that the page tells to paste, of fewer orders, and with results of a run without tests."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (TASKS / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    results = tmp_path / "junit.xml"
    results.write_text("<testsuites><testsuite/></testsuites>")
    text = "".join(blocks).replace('orders.py" 1000', 'orders.py" 50')
    desk.run("sh", "-euc", text, out="said.txt", RESULTS=str(results))
    return desk


def test_what_the_page_says_works_as_pasted(pasted: Desk) -> None:
    """Orders come back, who saw a card is told, a customer is gone, and there are a proof and a folder."""
    orders, tokens = pasted.rows("orders.csv"), pasted.rows("day.tokens.csv")
    assert pasted.rows("payments.csv") == payments(orders)
    assert [row["amount"] for row in tokens] == [row["amount"] for row in orders]
    assert not {row[name] for row in orders for name in SENSITIVE} & {
        cell for row in tokens + pasted.rows("kept.csv") for cell in row.values()
    }
    assert pasted.lines("day.payments") == [row["card"] for row in orders]
    assert pasted.lines("day.masks") == [f"************{row['card'][-4:]}" for row in orders[:40]]

    token, customer = tokens[0]["card"], tokens[0]["customer"]
    seen = [re.sub(r"^\S+ | \(request .*", "", line) for line in pasted.lines("who.txt") if token in line]
    assert seen == ["shop/support detokenize.masked: revealed " + token,
                    "shop/settlement detokenize: revealed for settlement " + token]  # fmt: skip
    assert pasted.lines("proof.txt")
    assert any(customer in line for line in pasted.lines("erased.txt"))
    of_customer = [row[name] for row in tokens if row["customer"] == customer for name in SENSITIVE]
    assert {line.split("\t")[0] for line in pasted.lines("customer.txt")} >= set(of_customer)
    [digest] = re.findall("SHA-256 ([0-9a-f]{64})", "".join(pasted.lines("customer.txt")))
    assert digest in "".join(pasted.lines("receipt.json"))
    answered = pasted.running.detokenize(*of_customer).body["results"]
    assert {entry["error"]["code"] for entry in answered} == {"token_not_found"}

    [filed] = (pasted.folder / "evidence").iterdir()
    manifest = json.loads((filed / "manifest.json").read_text())
    assert len(manifest["parts"]) == 6
    assert manifest["parts"]["tests-by-requirement"]["state"] == "incomplete", "no test ran"
    assert all(
        str(part["summary"]) in "\n".join(pasted.lines("evidence.txt")) for part in manifest["parts"].values()
    )
    assert (filed / "index.html").exists()

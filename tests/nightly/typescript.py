"""The TypeScript client against the API of `make dev`, from Node.js and from a page: `make typescript`."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support import pages
from tests.support.export_reader import read_all
from tests.support.exports import RECIPIENT, pem
from tests.support.running import Running

PACKAGE = Path(__file__).resolve().parents[2] / "clients/typescript"

POLICY = """
[info_types.card_number]
options = { keep_last = 4 }
[info_types.note]
format = "text"
[info_types.document]
format = "json"
[info_types.moved]
format = "text"
imported_tokens = { pattern = "old_[0-9]{8}", values = true }
[info_types.known]
format = "text"
mode = "deterministic"

[tenants.shop.clients.app]
actions = ["tokenize", "search", "read", "detokenize", "subjects.read", "erase"]
purposes = ["refund", "treatment"]

[tenants.shop.clients.limited]
actions = ["tokenize"]
throttle = { requests_per_second = 0.01, burst = 3 }

[tenants.shop.clients.loader]
actions = ["import"]
types = ["moved"]

[tenants.shop.clients.mover]
actions = ["export"]
purposes = ["moving"]
types = ["moved"]

[tenants.shop.clients.page]
actions = ["tokenize"]

[tenants.shop.clients.limited_page]
actions = ["tokenize"]
throttle = { requests_per_second = 0.01, burst = 3 }
"""


@pytest.fixture(scope="module")
def site() -> Iterator[pages.Site]:
    """The shop's pages, with the built client beside them."""
    with pages.site() as made:
        for file in (PACKAGE / "dist").glob("*.js"):
            made.files[f"/dist/{file.name}"] = ("text/javascript", file.read_bytes())
        imports = json.dumps({"imports": {"tokenvault-client": "/dist/index.js"}})
        made.head = f'<script type="importmap">{imports}</script>'
        yield made


@pytest.fixture(scope="module")
def running(site: pages.Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack, whose answers the shop's pages may read."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "policy.toml").write_text(POLICY)
    places = StackPaths(folder, free_port(), free_port())
    stack = DevStack(places, print, folder / "policy.toml", [f"http://127.0.0.1:{site.port}"])
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


def run(command: list[str], variables: Mapping[str, str]) -> str:
    """What a command in the package's folder prints. Fails the test with all of it if the command fails."""
    environment = {**os.environ, **variables, "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=PACKAGE, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def snippet(language: str) -> str:
    """The block of code of this language in the package's README."""
    [found] = re.findall(rf"```{language}\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    return str(found)


def test_the_real_api(running: Running, tmp_path: Path) -> None:
    """Round trips, batches, partial failures, refusals, limits: `clients/typescript/test/live`. What they
    export opens by the second reader of the format."""
    clients = {name: running.environment(name) for name in ("app", "limited", "loader", "mover")}
    tests = [str(path) for path in (PACKAGE / "build/test/live").glob("*.test.js")]
    assert tests
    variables = {"LIVE_FOLDER": str(tmp_path), "LIVE_RECIPIENT": pem(), "LIVE_CLIENTS": json.dumps(clients)}
    said = run(["node", "--test", "--test-reporter=spec", *tests], variables)
    assert re.search(r"^ℹ skipped 0$", said, re.MULTILINE), said
    assert re.search(r"^ℹ pass [1-9]\d$", said, re.MULTILINE), said
    vault = receipt_key(running)
    for parts in (1, 2):
        files = [file.read_text().splitlines() for file in tmp_path.glob(f"*-of-{parts}.export")]
        assert len(files) == parts
        entries = {entry["token"]: entry["value"] for entry in read_all(files, RECIPIENT, vault)}
        assert entries == {f"old_{n:08}": f"value {n} ü" for n in range(30)}


def receipt_key(running: Running) -> Any:
    """What verifies the vault's signatures."""
    kms = running.stack.account.client("kms")
    alias = "alias/tokenvault-receipts"
    return load_der_public_key(kms.get_public_key(KeyId=alias)["PublicKey"])


def test_the_readme_of_the_package(running: Running) -> None:
    """Its first block of code passes the compiler, strictly, and prints what it says."""
    folder = PACKAGE / "build/readme"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "snippet.ts").write_text(snippet("ts") + "console.log(value);\n")
    options = ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext"]
    run(["npx", "tsc", *options, "--types", "node", "build/readme/snippet.ts"], {})
    said = run(["node", "build/readme/snippet.js"], running.environment("app"))
    pattern = (
        r"(\d{12}1111)\n"
        r"ItemError \{\n  code: 'invalid_value',\n  detail: '.*'\n\}\n"
        r"\{\n  token: '\1',\n  type: 'card_number',\n  value: Sensitive\(\*\*\*\)\n\}\n"
        r"[\w-]+\.[\w-]+\.[\w-]+\ntrue\n4111111111111111\n"
    )
    assert re.fullmatch(pattern, said), said


IN_A_PAGE = """
  const { ItemError } = await import("tokenvault-client");
  const caught = async (call) => await call.then(() => "done", (error) => `${error.name} ${error.code}`);
  const many = Array.from({ length: 150 }, (_, n) => ({ type: "note", value: `value ${n} ü` }));
  const notes = await vault.tokenize([...many, { type: "none", value: "a" }]);
  const refused = (make) => { try { make(); } catch (error) { return error.message; } };
  let tries = 0;
  const flaky = (...request) => (++tries < 3 ? fetch("http://127.0.0.1:9/") : fetch(...request));
  const nowhere = { url: `${location.origin}/silent`, apiKey, accessToken };
  const silent = new Client(nowhere, { timeoutSeconds: 0.5 });
  const began = performance.now();
  return {
    token: card.token,
    tokens: new Set(notes.slice(0, 150).map((note) => note.token)).size,
    wrong: [notes[150] instanceof ItemError, notes[150].code, notes[150].retryable],
    key: await caught(new Client({ url, apiKey: "another", accessToken }).types()),
    signed_out: await caught(new Client({ url, apiKey, accessToken: () => "e30.e30.e30" }).types()),
    no_scope: await caught(vault.detokenize([card.token])),
    again: await caught(new Client({ url, apiKey, accessToken }, { platform: { fetch: flaky } }).types()),
    tries,
    silent: await caught(silent.types()),
    in_time: performance.now() - began < 20000,
    secret: refused(() => new Client({ url, apiKey, tokenUrl: url, clientId: "a", clientSecret: "b" })),
    stored: [document.cookie, localStorage.length, sessionStorage.length],
    asked: performance.getEntriesByType("resource").filter(({ name }) => name.includes("4111")),
  };
"""

LIMITED = """
  const calls = Array.from({ length: 6 }, () => vault.types().then(() => "done", (error) => error));
  const errors = (await Promise.all(calls)).filter((answer) => answer !== "done");
  return errors.map(({ name, code, retryable, requestId }) => [name, code, retryable, Boolean(requestId)]);
"""


def in_a_page(
    running: Running, site: pages.Site, address: tuple[str, str], script: str, profile: Path
) -> Any:
    """What a page reports; `script` comes after the README's import; `address` is host and client."""
    host, name = address
    client, token = running.client(name), running.access_token(name, ["vault/tokenize"])
    known = {"url": running.stack.places.url, "apiKey": client["api_key"]}
    site.files["/vault.json"] = ("application/json", json.dumps(known).encode())
    site.files["/access-token"] = ("text/plain", token.encode())
    imported = 'const { Client } = await import("tokenvault-client");'
    return site.run(f"http://{host}:{site.port}", f"{imported}\n{script}", {}, profile)


def for_pages() -> list[str]:
    """The README's code for pages, without its import, which stands in no function."""
    first, *rest = snippet("js").splitlines()
    assert first == 'import { Client } from "tokenvault-client";'
    return rest


def test_a_page_in_a_browser(running: Running, site: pages.Site, tmp_path: Path) -> None:
    """It tokenizes with an access token of its back end, retries, reads each error, and stores nothing."""
    script = "\n".join([*for_pages(), IN_A_PAGE])
    report = in_a_page(running, site, ("127.0.0.1", "page"), script, tmp_path)
    assert re.fullmatch(r"\d{12}1111", report.pop("token"))
    assert report == {
        "tokens": 150,
        "wrong": [True, "unknown_type", False],
        "key": "NotPermitted invalid_api_key",
        "signed_out": "Unauthenticated unauthenticated",
        "no_scope": "Unauthenticated unauthenticated",
        "again": "done",
        "tries": 3,
        "silent": "Unavailable unreachable",
        "in_time": True,
        "secret": "a page can keep no clientSecret: whoever opens it could read it; give accessToken instead",
        "stored": ["", 0, 0],
        "asked": [],
    }


def test_a_page_over_its_limit_in_a_browser(running: Running, site: pages.Site, tmp_path: Path) -> None:
    """It reads the refusal of API Gateway itself, after retries."""
    *settings, vault, _ = for_pages()
    hurried = vault.replace("accessToken }", "accessToken }, { retries: { attempts: 2 } }")
    script = "\n".join([*settings, hurried, LIMITED])
    report = in_a_page(running, site, ("127.0.0.1", "limited_page"), script, tmp_path)
    assert 0 < len(report) < 6
    assert report == [["Throttled", "throttled", True, True]] * len(report)


def test_a_page_of_another_origin_in_a_browser(running: Running, site: pages.Site, tmp_path: Path) -> None:
    """To it the API looks like a broken connection, within the time of the call."""
    *settings, vault, _ = for_pages()
    hurried = vault.replace("accessToken }", "accessToken }, { timeoutSeconds: 1 }")
    ask = "return await vault.types().catch((error) => `${error.name} ${error.message}`);"
    report = in_a_page(running, site, ("localhost", "page"), "\n".join([*settings, hurried, ask]), tmp_path)
    said = "unreachable: no answer came (no connection); whether it was carried out is unknown"
    assert report == f"Unavailable {said}"

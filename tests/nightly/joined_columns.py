"""Deterministic columns of two Parquet files are joined by their tokens: `make csv-readers`.

The readers have an environment of their own, so the API and the tool run in the project's.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"
POLICY = """
[info_types.card]
format = "card_number"
mode = "deterministic"
[info_types.random_card]
format = "card_number"

[tenants.shop.clients.app]
actions = ["tokenize"]
"""
CUSTOMERS = {
    "customer": ["ada", "bob", "cyd", "dan", "eve"],
    "card": ["4111111111111111", "5105105105105100", "378282246310005", "6011111111111117", None],
}
PAYMENTS = {
    "card": ["4111 1111 1111 1111", "378282246310005", "4111111111111111", "30569309025904", None],
    "amount": [10, 20, 30, 40, 50],
}
EXPECTED = [("ada", 10), ("ada", 30), ("cyd", 20)]
"""By the values, in whatever spelling; what is not there has no token, and joins nothing."""

Join = Callable[[Path, Path], Sequence[tuple[Any, ...]]]


def in_duckdb(customers: Path, payments: Path) -> Sequence[tuple[Any, ...]]:
    """In SQL, over the files."""
    query = f"select customer, amount from '{customers}' join '{payments}' using (card)"
    return duckdb.sql(query).fetchall()


def in_polars(customers: Path, payments: Path) -> Sequence[tuple[Any, ...]]:
    """Of two data frames."""
    joined = polars.read_parquet(customers).join(polars.read_parquet(payments), on="card")
    return joined.select("customer", "amount").rows()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """What the tool needs to call an API that is up."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "policy.toml").write_text(POLICY)
    options = ["--json", "--port", "0", "--while-open", "--state", folder, "--policy", folder / "policy.toml"]
    with subprocess.Popen(
        [PYTHON, "-m", "local.dev", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("w"),
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, (folder / "log").read_text()
        facts = json.loads(said)
        [client] = facts["clients"]
        yield {
            "TOKENVAULT_URL": facts["url"],
            "TOKENVAULT_TOKEN_URL": facts["token_url"],
            **{
                f"TOKENVAULT_{name.upper()}": client[name]
                for name in ("client_id", "client_secret", "api_key")
            },
        }
        process.communicate()  # which closes its stdin, and so ends it


def imported(
    folder: Path, name: str, columns: Mapping[str, Any], kind: str, environment: Mapping[str, str]
) -> Path:
    """The columns as a Parquet file with tokens."""
    source, mapped, out = folder / f"{name}.parquet", folder / "map.toml", folder / f"{name}.tokens.parquet"
    parquet.write_table(pa.table(columns), source)
    mapped.write_text(f'[columns.card]\ntype = "{kind}"\n')
    command = [PYTHON, "-m", "tokenvault_client", "import", source, "--map", mapped, "--out", out]
    subprocess.run(command, env={"PATH": os.environ["PATH"], **environment}, check=True, capture_output=True)
    return out


@pytest.mark.parametrize("join", [in_duckdb, in_polars])
@pytest.mark.parametrize(("kind", "expected"), [("card", EXPECTED), ("random_card", [])])
def test_columns_are_joined_by_their_tokens(
    environment: Mapping[str, str], tmp_path: Path, join: Join, kind: str, expected: list[tuple[str, int]]
) -> None:
    """Of a deterministic type as they would be by their values; of a random one not at all."""
    customers = imported(tmp_path, "customers", CUSTOMERS, kind, environment)
    payments = imported(tmp_path, "payments", PAYMENTS, kind, environment)
    assert sorted(join(customers, payments)) == expected

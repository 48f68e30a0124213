"""`examples/spark` on real PySpark in local mode, against the API of `make dev`: `make spark`."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from tokenvault_client import Client, TokenizeItem

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support.running import Running

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/spark"
sys.path.insert(0, str(EXAMPLE))

from tokenize_column import BATCH, main, tokenized  # noqa: E402

PARTITIONS, ROWS = 3, 750
KEY = "a-key-of-a-job-that-is-made-at-random"
POLICY = """
[info_types.text]
format = "text"
[info_types.text_known]
format = "text"
mode = "deterministic"
[info_types.card_number]
options = { keep_last = 4 }

[tenants.shop.clients.app]
actions = ["tokenize"]
"""


class Dying(Client):
    """A client whose process is killed when its second request has been answered, once in all."""

    def tokenize(self, items: Any, **options: Any) -> Any:
        made = super().tokenize(items, **options)
        if options["idempotency_key"].endswith("_1"):
            _die_once(Path(os.environ["DIED"]))
        return made


def _die_once(mark: Path) -> None:
    """The vault has the tokens by now, and nobody else does."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The API."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "policy.toml").write_text(POLICY)
    stack = DevStack(StackPaths(folder, free_port(), free_port()), print, folder / "policy.toml")
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def spark(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Spark and its workers, which have what it takes to call the API; a task may fail three times."""
    died = tmp_path_factory.mktemp("died") / "once"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment("app").items():
            patch.setenv(name, value)
        patch.setenv("DIED", str(died))
        patch.setenv("PYTHONPATH", f"{EXAMPLE}:{ROOT}")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
        session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
        yield session
        session.stop()


def records(running: Running) -> int:
    """How many tokens the vault holds."""
    dynamodb = running.stack.account.client("dynamodb")
    pages = dynamodb.get_paginator("scan").paginate(TableName=running.stack.outputs["tables"]["vault"])
    return sum(item["sk"]["S"] == "record" for page in pages for item in page["Items"])


def frame(spark: SparkSession, texts: Sequence[str | None]) -> DataFrame:
    """The texts, numbered, in the partitions of all tests."""
    rows = spark.sparkContext.parallelize(list(enumerate(texts)), PARTITIONS)
    return spark.createDataFrame(rows, "number int, text string")


def values(about: str) -> list[str]:
    """So many values that no two are the same."""
    return [f"{about} {number:05}" for number in range(ROWS)]


def test_a_killed_task_makes_no_second_token(spark: SparkSession, running: Running) -> None:
    """A worker dies after its second request; Spark runs the task again, and a value has its token once."""
    before, given = records(running), values("killed")
    made = tokenized(frame(spark, given), "text", "text", f"killed-{KEY}", Dying.from_env).collect()
    assert Path(os.environ["DIED"]).exists()
    assert [row.number for row in made] == list(range(ROWS))
    assert len({row.text for row in made}) == ROWS == records(running) - before
    assert {row.text_error for row in made} == {None}
    again = tokenized(frame(spark, given), "text", "text", f"killed-{KEY}").collect()
    assert again == made


def test_copies_of_a_task_get_the_same_tokens(spark: SparkSession, running: Running) -> None:
    """As when Spark starts a second copy of a slow task: both send each batch, at about the same time."""
    before, lazy = (
        records(running),
        tokenized(frame(spark, values("copied")), "text", "text", f"copied-{KEY}"),
    )
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: lazy.collect(), range(2))
    assert first == second
    assert len({row.text for row in first}) == ROWS == records(running) - before


def test_rows_in_another_order_are_refused(spark: SparkSession, running: Running) -> None:
    """A random type under the key of another batch: the job fails and says why, and no value gets a token."""
    given = values("ordered")[:BATCH]
    tokenized(frame(spark, given), "text", "text", f"ordered-{KEY}").collect()
    before = records(running)
    with pytest.raises(PySparkException, match="idempotency_conflict") as refused:
        tokenized(frame(spark, given[::-1]), "text", "text", f"ordered-{KEY}").collect()
    assert "ordered 000" not in str(refused.value)
    assert records(running) == before


def test_deterministic_columns_join(spark: SparkSession) -> None:
    """Two frames, tokenized by two jobs under two keys, are joined by tokens as they were by values."""
    customers, orders = values("joined"), [text for text in values("joined")[:30] for _ in range(2)]
    left = tokenized(frame(spark, customers), "text", "text_known", f"left-{KEY}")
    right = tokenized(frame(spark, orders), "text", "text_known", f"right-{KEY}")
    joined = left.alias("a").join(right.alias("b"), "text").select("a.number", "b.number").collect()
    assert sorted(map(tuple, joined)) == [(number // 2, number) for number in range(60)]


def test_bad_and_empty_cells_stay_bad_and_empty(spark: SparkSession) -> None:
    """Nulls ask nobody; a value that is refused has the error's code, and shows nowhere."""
    given = ["4111111111111111", None, "4111111111111112", None]
    made = tokenized(frame(spark, given), "text", "card_number", f"bad-{KEY}").collect()
    assert [row.text_error for row in made] == [None, None, "invalid_value", None]
    assert [row.text is None for row in made] == [False, True, True, True]
    assert made[0].text.endswith("1111")
    assert made[0].text not in given


def test_the_script(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet in, Parquet out; a value has the token that the API gives it to anybody else."""
    source, out = str(tmp_path / "in"), str(tmp_path / "out")
    frame(spark, ["a value"]).write.parquet(source)
    asked = ["--column", "text", "--type", "text_known", "--run", f"script-{KEY}"]
    monkeypatch.setattr(sys, "argv", ["tokenize_column.py", source, out, *asked])
    main()
    with Client.from_env() as vault:
        [known] = vault.tokenize([TokenizeItem("text_known", "a value")])
    [row] = spark.read.parquet(out).collect()
    assert (row.number, row.text, row.text_error) == (0, known.token, None)

"""Tokenizes a column of a Spark data frame: one client in each partition, a hundred values a request.

spark-submit tokenize_column.py IN OUT --column card --type card_known --run KEY

IN and OUT are Parquet. Spark runs a task again that failed, and a second copy of one that is slow. Each batch
has an Idempotency-Key made of KEY, its partition and its number, so that the copies get the same tokens, of
random types too. Make the key before the first try (`openssl rand -hex 16`), and keep it until all is done.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import StringType, StructField, StructType
from tokenvault_client import Client, ItemError, TokenizeItem
from tokenvault_client.results import TokenizeResult

BATCH = 100


def tokenized(
    frame: DataFrame,
    column: str,
    kind: str,
    run: str,
    connect: Callable[[], Client] = Client.from_env,
) -> DataFrame:
    """The frame with tokens in the column, and the codes of values that were refused in `<column>_error`.

    A value that was refused is null. `connect` is called on the executors, once a partition: no credentials
    travel with the job.
    """
    others = [field for field in frame.schema.fields if field.name != column]
    made = [StructField(name, StringType()) for name in (column, f"{column}_error")]
    send = partial(_partition, column=column, kind=kind, run=run, connect=connect)
    rows = frame.rdd.mapPartitionsWithIndex(send)
    return frame.sparkSession.createDataFrame(rows, StructType([*others, *made]))


def _partition(
    partition: int, rows: Iterable[Row], *, column: str, kind: str, run: str, connect: Callable[[], Client]
) -> Iterator[tuple]:
    left = iter(rows)
    with connect() as vault:
        for number, batch in enumerate(iter(lambda: list(islice(left, BATCH)), [])):
            items = [TokenizeItem(kind, row[column]) for row in batch if row[column] is not None]
            key = f"{run}_{partition}_{number}"
            results = iter(vault.tokenize(items, idempotency_key=key) if items else [])
            for row in batch:
                others = (row[name] for name in row.__fields__ if name != column)
                yield (*others, *((None, None) if row[column] is None else _outcome(next(results))))


def _outcome(result: TokenizeResult) -> tuple[str | None, str | None]:
    """The token and no error, or no token and the error's code."""
    return (None, result.code) if isinstance(result, ItemError) else (result.token, None)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("out")
    for name in ("column", "type", "run"):
        parser.add_argument(f"--{name}", required=True)
    chosen = parser.parse_args()
    frame = SparkSession.builder.getOrCreate().read.parquet(chosen.source)
    tokenized(frame, chosen.column, chosen.type, chosen.run).write.parquet(chosen.out)


if __name__ == "__main__":
    main()

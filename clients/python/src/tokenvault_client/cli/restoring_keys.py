"""The command that brings PRF keys into a restored keys table."""

import argparse
from typing import Any

from tokenvault_client.audit.reading import read_table
from tokenvault_client.cli.aws import aws
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.prf_key_items import Item, is_key, others, to_take_over


def take_over(session: Session, chosen: argparse.Namespace) -> Exit:
    """Adds the PRF keys that the restored table lacks, each before what says that it is ready."""
    if chosen.source == chosen.target:
        raise UsageError("--from, --to: two tables are needed")
    with aws() as boto3:
        dynamodb = boto3.client("dynamodb", chosen.region)
        old, restored = (list(read_table(dynamodb, name)) for name in (chosen.source, chosen.target))
        if differing := others(old, restored):
            raise UsageError(f"--to: it has another {', another '.join(differing)}; nothing was written")
        items = to_take_over(old, restored)
        if not items:
            _refuse_swapped(to_take_over(restored, old))
        for item in items:
            _add(dynamodb, chosen.target, item)
    return _tell(session, items)


def _refuse_swapped(lacking: list[Item]) -> None:
    """Raises `UsageError` where nothing is to be done but the other way round: it would pass for success."""
    if ahead := [f"{item['sk']['S']} of {item['pk']['S']}" for item in lacking if is_key(item)]:
        raise UsageError(
            f"--from, --to: --to lacks nothing, and --from lacks {', '.join(ahead)}; are the two swapped? "
            "Nothing was written"
        )


def _add(dynamodb: Any, table: str, item: Item) -> None:
    try:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except dynamodb.exceptions.ConditionalCheckFailedException:
        raise UsageError("--to: somebody else writes keys to it; run this again") from None


def _tell(session: Session, items: list[Item]) -> Exit:
    keys = [{"tenant": item["pk"]["S"], "key": item["sk"]["S"]} for item in items if is_key(item)]
    for key in keys:
        session.result({"taken_over": key}, f"{key['key']} of {key['tenant']}")
    marks = len(items) - len(keys)
    session.result({"keys": len(keys), "marks": marks}, f"{len(keys)} keys taken over, {marks} marks")
    return Exit.OK

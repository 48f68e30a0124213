"""The table of what emulators lack is true of our Terraform, and told in docs/local.md."""

import json
import re
from pathlib import Path

import pytest

from local.endpoint import overrides
from local.endpoint.emulators import EMULATORS, Lack

ROOT = Path(__file__).resolve().parents[4]
LACKS = list({lack.what: lack for emulator in EMULATORS for lack in emulator.lacks}.values())


def heads(lack: Lack) -> list[str]:
    """The first lines of the blocks that a lack overrides."""
    found = []
    for kind, blocks in lack.override.items():
        for label, content in blocks.items():
            names = [label] if kind == "variable" else [f'{label}" "{name}' for name in content]
            found += [f'{kind} "{name}" {{' for name in names]
    return found


def within(lack: Lack) -> list[tuple[str, str]]:
    """The blocks in resources that a lack takes out: the resource's first line, and the block's name."""
    return [
        (f'resource "{kind}" "{name}" {{', block)
        for kind, resources in lack.override.get("resource", {}).items()
        for name, content in resources.items()
        for block in content.get("dynamic", {})
    ]


def text(lack: Lack) -> str:
    """All Terraform of the folder that a lack names."""
    return "\n".join(source.read_text() for source in (ROOT / "terraform" / lack.folder).glob("*.tf"))


@pytest.mark.parametrize("lack", LACKS, ids=lambda lack: lack.what)
def test_an_override_is_of_something_that_there_is(lack: Lack) -> None:
    """In the folder that it names; Chalice's part, which is made, has the API."""
    for head in heads(lack):
        assert head in text(lack)


TAKEN_OUT = [(lack, head, block) for lack in LACKS for head, block in within(lack)]


@pytest.mark.parametrize(("lack", "head", "block"), TAKEN_OUT, ids=[block for *_, block in TAKEN_OUT])
def test_a_block_that_is_taken_out_is_in_its_resource(lack: Lack, head: str, block: str) -> None:
    """Another name would take out nothing, without a word."""
    _, _, after = text(lack).partition(head)
    resource, _, _ = after.partition("\n}")
    assert re.search(rf"^  {block} {{$", resource, re.MULTILINE)


def test_each_lack_is_a_file_of_overrides(tmp_path: Path) -> None:
    """Its name ends as Terraform wants it, and comes after those of our own overrides."""
    for lack in LACKS:
        (tmp_path / lack.folder).mkdir(parents=True, exist_ok=True)
    overrides.write(tmp_path, LACKS)
    written = sorted(tmp_path.rglob("*_override.tf.json"))
    assert len(written) == len(LACKS)
    ours = [file.name for file in (ROOT / "terraform").rglob("*_override.tf")]
    assert min(file.name for file in written) > max(ours)
    told = [json.loads(file.read_text()) for file in written]
    assert all(dict(lack.override) in told for lack in LACKS)


def test_the_page_tells_what_each_lacks() -> None:
    """Row by row, in the words of the table."""
    page = (ROOT / "docs" / "local.md").read_text()
    for emulator in EMULATORS:
        [row] = re.findall(rf"^\| {re.escape(emulator.name)} \| (.*) \|$", page, re.MULTILINE)
        functions, package, lacking = row.split(" | ")
        assert functions == ("its Lambda" if emulator.runs_functions else "the launcher")
        assert package == f"`{emulator.package}`"
        assert lacking == ("; ".join(lack.what for lack in emulator.lacks) or "nothing")

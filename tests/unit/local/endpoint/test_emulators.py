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


@pytest.mark.parametrize("lack", LACKS, ids=lambda lack: lack.what)
def test_an_override_is_of_something_that_there_is(lack: Lack) -> None:
    """In the folder that it names; Chalice's part, which is made, has the API."""
    sources = [*(ROOT / "terraform" / lack.folder).glob("*.tf")]
    written = "\n".join(source.read_text() for source in sources)
    for head in heads(lack):
        assert head in written


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

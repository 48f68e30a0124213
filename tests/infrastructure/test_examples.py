"""Every example in a module's README is what `terraform test` tries of it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted((ROOT / "terraform/modules").glob("*/README.md"))


def stated(text: str) -> set[str]:
    """The lines that set something, their spaces as one."""
    return {" ".join(line.split()) for line in text.splitlines() if re.match(r"\s*\w+\s+=\s", line)}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_the_example_of_a_module_is_tried(readme: Path) -> None:
    """Each line of the example stands in the module's test too."""
    [example] = re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)
    asked = {line for line in stated(example) if not line.startswith(("source =", "providers ="))}
    tried = stated((ROOT / f"terraform/tests/{readme.parent.name}.tftest.hcl").read_text())
    assert asked
    assert asked <= tried, asked - tried

"""The policies that pages of the documentation show, as the service loads them."""

import re
from pathlib import Path
from typing import Any

from local.dev import policy

DOCS = Path(__file__).resolve().parents[2] / "docs"


def shown_policy(page: str, folder: Path) -> Any:
    """The one policy of a page, which is put into a file of this folder."""
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    [whole] = [block for block in blocks if "[info_types." in block and "[tenants." in block]
    file = folder / "policy.toml"
    file.write_text(whole)
    return policy.load(file, "local-vault").document

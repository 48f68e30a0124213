"""What origins change of the API, without packaging it: `make dev` has only the snapshot."""

import runpy
from typing import Any, Final

from local.paths import ROOT

_SCRIPT: Final = ROOT / "terraform" / "packaging" / "cors.py"


def with_cors(api: dict[str, Any]) -> dict[str, Any]:
    """The merged document with this API in it, as `terraform/packaging/merge.py` writes it."""
    readable = runpy.run_path(str(_SCRIPT))["readable"]
    return {"locals": {"chalice_api": api, "chalice_cors": readable(api)}}

"""The version of this package, as `pyproject.toml` has it."""

import platform
from typing import Final

VERSION: Final = "0.1.0"
USER_AGENT: Final = f"tokenvault-client/{VERSION} python/{platform.python_version()}"

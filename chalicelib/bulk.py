"""The handler of the function through which the module `bulk` takes values in.

Of the same package and the same role as the tokenizing function, apart from it so that many rows take no
capacity from its callers. API Gateway does not come here, so neither does Chalice.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import wiring


def take_in(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Takes a batch in for the client that Terraform names; see `api.direct.answer`."""
    return wiring.take_in(event, context.aws_request_id)

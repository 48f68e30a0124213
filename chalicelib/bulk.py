"""The handlers of the functions through which the module `bulk` takes values in, and gives exports out.

Of the same package and the same role as the tokenizing and the revealing function, apart from them so that
many rows take no capacity from their callers. API Gateway does not come here, so neither does Chalice.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import wiring


def take_in(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Takes a batch in for the client that Terraform names; see `api.direct.answer`."""
    return wiring.take_in(event, context.aws_request_id)


def give_out(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Begins an export, or gives a page of one, for the client that Terraform names; see
    `api.direct.answer`."""
    return wiring.give_out(event, context.aws_request_id)

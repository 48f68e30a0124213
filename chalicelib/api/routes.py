"""The routes of the API as data: who serves each, and which access tokens it takes.

`app.py` declares the same routes to Chalice, the Terraform merge points each at its function,
and tests hold the three together.
"""

from dataclasses import dataclass
from typing import Final, Literal

from chalicelib.auth.scopes import ANY_SCOPE, scope

Function = Literal["tokenize", "reveal", "gateway"]


@dataclass(frozen=True)
class Route:
    """One method of one path.

    `function` is the Lambda function that serves it; `gateway` means that API Gateway answers
    it itself. An access token needs any one of `scopes`; none means that no access token is asked for.
    """

    method: str
    path: str
    function: Function
    scopes: tuple[str, ...] = ()
    api_key: bool = True


ROUTES: Final = (
    Route("POST", "/v1/tokenize", "tokenize", (scope("tokenize"),)),
    Route("POST", "/v1/search", "tokenize", (scope("search"),)),
    Route("GET", "/v1/tokens/{token}", "tokenize", (scope("read"),)),
    Route("DELETE", "/v1/tokens/{token}", "reveal", (scope("erase"),)),
    Route("DELETE", "/v1/subjects/{subject}", "reveal", (scope("erase"),)),
    Route("POST", "/v1/detokenize", "reveal", (scope("detokenize"), scope("detokenize.masked"))),
    # Any access token may ask which types it may use, also one that may reveal; so the revealing
    # function answers, since such an access token must never reach the tokenizing one.
    Route("GET", "/v1/types", "reveal", ANY_SCOPE),
    Route("GET", "/v1/health", "gateway", api_key=False),
)

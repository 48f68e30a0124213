"""The routes of the API as data: who serves each, and which access tokens it takes.

The one table of routes: `app.py` declares them to Chalice from it, the Terraform merge points each at its
function, and the OpenAPI document describes them.

API Gateway asks for an API key by method, and people have none. So each route has a second path below
`/people`, without a key, for access tokens of people who signed in (ADR 15).
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from chalicelib.auth.scopes import scope
from chalicelib.model import ACTIONS, Action

USER_PREFIX: Final = "/people"
_FOR_PEOPLE: Final = "people_"

Function = Literal["tokenize", "reveal", "gateway"]


@dataclass(frozen=True)
class Route:
    """One method of one path.

    `name` is the `operationId` of the OpenAPI document. `function` is the Lambda function that serves the
    route; `gateway` means that API Gateway answers it itself. An access token needs the scope of any one of
    `actions`; if there are none, no access token is needed. `operation` is what is carried out. `status` is
    that of an answer that has a body.
    """

    name: str
    method: str
    path: str
    function: Function
    summary: str
    actions: tuple[Action, ...] = ()
    api_key: bool = True
    status: int = 200

    @property
    def operation(self) -> str:
        """The operation of the route, the same for a service and for a person."""
        return self.name.removeprefix(_FOR_PEOPLE)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes; an access token needs any of them."""
        return tuple(scope(action) for action in self.actions)

    @property
    def takes_session(self) -> bool:
        """Whether a capture session stands in place of access token and API key: a page can keep neither."""
        return not self.actions and self.function != "gateway"


SERVICE_ROUTES: Final = (
    Route("tokenize", "POST", "/v1/tokenize", "tokenize", "Values in, tokens out.", ("tokenize",)),
    # What has a token already is only written: this function cannot read back what stands there.
    Route(
        "import_tokens",
        "POST",
        "/v1/import",
        "tokenize",
        "Values in, under tokens that they have from elsewhere, on record.",
        ("import",),
    ),
    Route(
        "open_capture_session",
        "POST",
        "/v1/capture-sessions",
        "tokenize",
        "Begins a capture session, by which a page hands values in.",
        ("capture",),
        status=201,
    ),
    Route(
        "capture",
        "POST",
        "/v1/capture",
        "tokenize",
        "Values of a page in, tokens and masks out, by a capture session.",
        api_key=False,
    ),
    Route(
        "search",
        "POST",
        "/v1/search",
        "tokenize",
        "Values in, their existing tokens out; creates nothing.",
        ("search",),
    ),
    Route(
        "facts",
        "GET",
        "/v1/tokens/{token}",
        "tokenize",
        "Facts about a token, never its value.",
        ("read",),
    ),
    Route(
        "erase_token",
        "DELETE",
        "/v1/tokens/{token}",
        "reveal",
        "Erases a token for good.",
        ("erase",),
    ),
    # Whoever took over the tokenizing function must not learn what a subject has there.
    Route(
        "subject_tokens",
        "GET",
        "/v1/subjects/{subject}",
        "reveal",
        "Tokens, types and times of a subject, never values, on record.",
        ("subjects.read",),
    ),
    Route(
        "erase_person",
        "DELETE",
        "/v1/subjects/{subject}",
        "reveal",
        "Erases everything of a subject, and gives a receipt.",
        ("erase",),
    ),
    Route(
        "detokenize",
        "POST",
        "/v1/detokenize",
        "reveal",
        "Tokens in, values or masks out, on record.",
        ("detokenize", "detokenize.masked"),
    ),
    Route(
        "ask_approval",
        "POST",
        "/v1/approvals",
        "reveal",
        "Asks a second person to approve a full reveal, on record.",
        ("detokenize",),
    ),
    Route(
        "approval",
        "GET",
        "/v1/approvals/{approval}",
        "reveal",
        "Who asked for what, and what became of it; never a value.",
        ("detokenize", "approve", "export"),
    ),
    Route(
        "decide_approval",
        "POST",
        "/v1/approvals/{approval}/decision",
        "reveal",
        "Approves or refuses what somebody else asked for, on record.",
        ("approve",),
    ),
    Route(
        "ask_export_approval",
        "POST",
        "/v1/exports/approvals",
        "reveal",
        "Asks a second person to approve an export, on record.",
        ("export",),
    ),
    Route(
        "begin_export",
        "POST",
        "/v1/exports",
        "reveal",
        "Begins an export: all tokens with their values, sealed to a recipient's key.",
        ("export",),
        status=201,
    ),
    Route(
        "export_page",
        "POST",
        "/v1/exports/pages",
        "reveal",
        "The next page of an export, sealed, each token on record.",
        ("export",),
    ),
    # Any access token may ask which types it may use, also one that may reveal; so the revealing
    # function answers, since such an access token must never reach the tokenizing one.
    Route("types", "GET", "/v1/types", "reveal", "The information types that the caller may use.", ACTIONS),
    Route(
        "health",
        "GET",
        "/v1/health",
        "gateway",
        "Liveness. In AWS, API Gateway answers this by itself.",
        api_key=False,
    ),
)

PEOPLE_ROUTES: Final = tuple(
    replace(route, name=_FOR_PEOPLE + route.name, path=USER_PREFIX + route.path, api_key=False)
    for route in SERVICE_ROUTES
    if route.actions
)

ROUTES: Final = SERVICE_ROUTES + PEOPLE_ROUTES

"""The table of emulators: what each lacks of what our Terraform asks for, and where its own things answer.

Whatever an emulator lacks is said here and nowhere else. `local.endpoint.overrides` writes it into the
launcher's working copy of the Terraform, which itself knows of no emulator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Lack:
    """Something that an emulator does not have, and what is overridden in a folder of our Terraform for it.

    https://developer.hashicorp.com/terraform/language/files/override
    """

    what: str
    folder: str
    override: Mapping[str, Any]


@dataclass(frozen=True)
class Emulator:
    """One emulator, known by the path at which it says that it is well, and by a word in the answer.

    `package` is the packaging stage of the app that its Lambda runs: `aws`, or `host` where functions are
    processes of the machine it is on. With `runs_functions` off, the launcher runs functions, schedules and
    streams itself. `token_path` is where it gives access tokens.
    """

    name: str
    health_path: str
    word: str = ""
    package: str = "aws"
    runs_functions: bool = True
    token_path: str = "/oauth2/token"
    lacks: tuple[Lack, ...] = ()


NO_IMPORT: Final = Lack(
    "API Gateway's import of a document (PutRestApi)",
    "modules/regional",
    {"resource": {"aws_api_gateway_rest_api": {"rest_api": {"body": None}}}},
)
NO_KEYS_OF_ITS_OWN: Final = Lack(
    "making up the value of an API key",
    "modules/identity",
    # Whoever reaches an emulator is root in its account: a value that can be worked out gives nothing away.
    {"resource": {"aws_api_gateway_api_key": {"this": {"value": '${sha256("${var.name}-${each.key}")}'}}}},
)
NO_ROTATION: Final = Lack(
    "Cognito's rotation of refresh tokens",
    "modules/identity",
    # No block of it: a dynamic one without content takes the place of those that are written.
    # https://developer.hashicorp.com/terraform/language/files/override#merging-behavior
    {
        "resource": {
            "aws_cognito_user_pool_client": {
                "people": {"dynamic": {"refresh_token_rotation": {"for_each": [], "content": {}}}}
            }
        }
    },
)
NO_SAMPLING: Final = Lack(
    "X-Ray's sampling rules",
    "modules/observability",
    {"resource": {"aws_xray_sampling_rule": {"api": {"count": 0}}}},
)
NO_QUOTAS: Final = Lack("Service Quotas", ".", {"variable": {"check_quotas": {"default": False}}})
NO_ANALYZER: Final = Lack("IAM Access Analyzer", ".", {"variable": {"access_analyzer": {"default": False}}})

EMULATORS: Final = (
    Emulator(
        "MiniStack",
        "/_ministack/health",
        package="host",
        lacks=(NO_IMPORT, NO_KEYS_OF_ITS_OWN, NO_ROTATION, NO_SAMPLING, NO_QUOTAS, NO_ANALYZER),
    ),
    Emulator("tokenvault's own", "/_localstack/health", word="moto", runs_functions=False),
    Emulator(
        "LocalStack",
        "/_localstack/health",
        token_path="/_aws/cognito-idp/oauth2/token",
        lacks=(NO_QUOTAS, NO_ANALYZER),
    ),
)
"""The first that an endpoint answers as is the one: MiniStack answers at LocalStack's path, too."""

ANOTHER: Final = Emulator("another emulator", "")
"""One that nobody looked at: it is given all of it."""

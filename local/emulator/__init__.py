"""An AWS account on loopback: moto with the gaps filled that tokenvault's Terraform and functions need.

`install()` patches moto's models in this process, for tests under `moto.mock_aws()`.
`python -m local.emulator --port 4566` serves the same thing over HTTP, see `local.emulator.server`.

Every gap is one decorated function in `local.emulator.services`, with the reason and the moto version it was
seen on; `python -m local.emulator --patches` lists them.
"""

from collections.abc import Iterable
from importlib import import_module, metadata
from typing import Final

from local.emulator.postponed import import_models

MOTO_VERSION: Final = "5.2.5"

SERVICES: Final = (
    "accessanalyzer",
    "apigateway",
    "apigateway_bodies",
    "apigateway_stages",
    "apigateway_tags",
    "apigateway_usage_plans",
    "applicationautoscaling",
    "awslambda",
    "awslambda_invocation",
    "awslambda_provisioned_concurrency",
    "backup",
    "backup_vaults",
    "cloudwatch",
    "cognito",
    "cognito_client_secrets",
    "cognito_keys",
    "dynamodb",
    "dynamodb_contributor_insights",
    "dynamodb_global_tables",
    "dynamodb_scans",
    "ec2",
    "kms",
    "kms_key_pairs",
    "kms_multi_region",
    "logs",
    "s3",
    "servicequotas",
    "sqs",
    "stepfunctions",
    "wafv2",
    "xray",
)


class WrongMotoVersionError(RuntimeError):
    """The moto that is installed is not the one whose gaps are known."""


def require_pinned(found: str) -> None:
    """Refuse a moto whose gaps nobody looked at.

    The patches reach into moto's private parts, so another version may break them without a word.

    Raises:
        WrongMotoVersionError: what was found is not `MOTO_VERSION`.
    """
    if found != MOTO_VERSION:
        raise WrongMotoVersionError(
            f"The emulator patches moto {MOTO_VERSION} and found {found}. Install the pinned one with "
            f"pip install 'moto[server]=={MOTO_VERSION}', or check every patch in local/emulator/services "
            "against the new version and move the pin in local/emulator/__init__.py."
        )


def install(services: Iterable[str] = SERVICES) -> None:
    """Patch moto in this process; calling it again changes nothing.

    Importing a service's module is what patches it, and Python imports a module once. Fewer `services` load
    faster; what is left out is moto's own.

    Raises:
        local.emulator.patching.PatchError: moto is not what a patch expects.
    """
    import_models()
    for service in services:
        import_module(f"local.emulator.services.{service}")


def _installed_moto() -> str:
    try:
        return metadata.version("moto")
    except metadata.PackageNotFoundError:
        return "none"


require_pinned(_installed_moto())

"""Step Functions: a definition is looked at before it is deployed, and machines have no versions."""

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.patching import add


@add(
    StepFunctionResponse,
    "validate_state_machine_definition",
    why="the provider has a definition validated as it plans, and moto parses one only to run it",
    seen_on="5.2.5",
)
def _validate(self: StepFunctionResponse) -> ActionResult:
    # A grammar of thousands of lines, which nobody else needs.
    from moto.stepfunctions.parser.asl.parse.asl_parser import (  # noqa: PLC0415
        AmazonStateLanguageParser,
        ASLParserException,
    )

    try:
        AmazonStateLanguageParser.parse(self._get_param("definition"))
    except ASLParserException as error:
        wrong = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": str(error)}
        return ActionResult({"result": "FAIL", "diagnostics": [wrong], "truncated": False})
    return ActionResult({"result": "OK", "diagnostics": [], "truncated": False})


@add(
    StepFunctionResponse,
    "list_state_machine_versions",
    why="the provider looks for versions of a machine, of which ours has none",
    seen_on="5.2.5",
)
def _versions(self: StepFunctionResponse) -> ActionResult:
    return ActionResult({"stateMachineVersions": []})

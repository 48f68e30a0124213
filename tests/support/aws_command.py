"""As much of AWS's command line tool as the pages use, by botocore's own models.

Parameters are given as the tool's users write them (`--table-name x`, JSON for structures); what the models
do not know is refused, so that a page cannot name a command or a parameter that AWS does not have. The tool
itself is not among the development tools, since its pins contradict boto3's.
"""

import base64
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import jmespath
from botocore import xform_name

OWN = {"query", "output", "cli-binary-format"}
"""Options of the tool, and of no command."""


def run(arguments: Sequence[str]) -> str:
    """What the tool prints. Raises `SystemExit` for a command or a parameter that there is not."""
    service, command, *rest = arguments
    client = boto3.client(service)
    operations = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
    if command not in operations:
        raise SystemExit(f"aws {service} has no command {command}")
    operation = client.meta.service_model.operation_model(operations[command])
    options, places = dict(_options(rest)), [word for word in rest if word.startswith("/dev/")]
    members = {xform_name(name, "-"): (name, shape) for name, shape in operation.input_shape.members.items()}
    if unknown := set(options) - set(members) - OWN:
        raise SystemExit(f"aws {service} {command} has no parameters {sorted(unknown)}")
    given = {
        members[option][0]: _value(text, members[option][1])
        for option, text in options.items()
        if option not in OWN
    }
    answer = getattr(client, xform_name(operations[command]))(**given)
    answer.pop("ResponseMetadata")
    return _printed(answer, options, places)


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for option, value in zip(words, [*words[1:], "--"], strict=True):
        if option.startswith("--"):
            yield option.removeprefix("--"), "" if value.startswith("--") else value


def _value(text: str, shape: Any) -> Any:
    if shape.type_name in ("structure", "list", "map"):
        return json.loads(text)
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name == "boolean":
        return True
    return text.encode() if shape.type_name == "blob" else text


def _printed(answer: dict[str, Any], options: dict[str, str], places: Sequence[str]) -> str:
    streamed = "".join(answer.pop(name).read().decode() for name in ("Payload",) if places and name in answer)
    answer = {name: _shown(part) for name, part in answer.items()}
    found = jmespath.search(options["query"], answer) if "query" in options else answer
    if options.get("output") == "text":
        lines = found if isinstance(found, list) else [found]
        return streamed + "".join(f"{line}\n" for line in lines)
    return streamed + (json.dumps(found, default=str, indent=1) + "\n" if found else "")


def _shown(part: Any) -> Any:
    """Bytes are shown in base64, as version 2 of the tool shows them."""
    return base64.b64encode(part).decode() if isinstance(part, bytes) else part


if __name__ == "__main__":
    sys.stdout.write(run(sys.argv[1:]))

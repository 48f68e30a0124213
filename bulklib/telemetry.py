"""A line for each step, which is its log entry and, in CloudWatch's embedded metric format, its metrics.

Keys of objects, names, counts and times; nothing of a row is passed in.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final, TextIO

NAMESPACE: Final = "Tokenvault"
_DIMENSIONS: Final = ["service", "step"]
_UNITS: Final[Mapping[str, str]] = {"BulkSeconds": "Seconds", "BulkExportWalked": "None"}


def write(out: TextIO, at: float, step: str, facts: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
    """Writes the line of a step that ended at that Unix time."""
    named = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in metrics]
    about = {"Namespace": NAMESPACE, "Dimensions": [_DIMENSIONS], "Metrics": named}
    emf = {"_aws": {"Timestamp": int(at * 1000), "CloudWatchMetrics": [about]}} if metrics else {}
    line = {"service": "tokenvault", "message": "bulk", "step": step, **facts, **metrics, **emf}
    out.write(json.dumps(line) + "\n")
    out.flush()

"""Logs and metrics: names, codes, counts and times. Nothing that a caller sent is ever passed in.

AWS Lambda Powertools with every capture of events, responses and exceptions left off: an exception's
message and a traceback's locals are where plaintexts leak.
"""

import logging
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from chalicelib.caller import Caller
from chalicelib.errors import ConfigurationError, KeyRefused, StoreRefused, TokenvaultError
from chalicelib.log_line import LineFormatter, log_line
from chalicelib.model import RevealMode

if TYPE_CHECKING:
    from chalicelib.maintenance_run import MaintenanceRun

NAMESPACE = "Tokenvault"
SERVICE = "tokenvault"
REVEALING = ("/v1/detokenize", "/v1/exports", "/v1/exports/pages", "/v1/exports/approvals")
TRACE: Final = "_X_AMZN_TRACE_ID"
"""Where Lambda's runtime keeps `Root=...;Parent=...;Sampled=...` of the request at hand.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

ANOMALY_METRICS: Final = frozenset({"Reveals", "Searches", "DeterministicTokens"})
"""Metrics that an alarm compares with what is usual."""

_BY_CLIENT: dict[str, Any] = {
    "Namespace": NAMESPACE,
    "Dimensions": [["service", "tenant", "client"]],
    "Metrics": [{"Name": "RevealsByClient", "Unit": "Count"}],
}
"""Reveals with dimensions of their own: names of the policy, so there are as many as it has."""

# A line that cannot be written must not be printed to standard error with its arguments.
# https://docs.python.org/3/howto/logging.html#exceptions-raised-during-logging
logging.raiseExceptions = False

# At DEBUG, which a Lambda function's log level setting turns on for every logger, botocore prints what
# it sends and receives: the plaintexts of KMS and the items of DynamoDB among it.
for _talkative in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)


class RedactExceptions(logging.Filter):
    """Leaves only the kind of an exception: its message, its cause and its traceback may quote a value."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record; lets every record through."""
        if record.exc_info and record.exc_info[0]:
            record.msg, record.args = f"unexpected {record.exc_info[0].__name__}", ()
            record.exc_info = record.exc_text = None
        return True


def framework_logger() -> logging.Logger:
    """A logger for Chalice, which by itself writes whole tracebacks before any middleware sees them."""
    frameworks = logging.getLogger(f"{SERVICE}.framework")
    frameworks.addFilter(RedactExceptions())
    return frameworks


def logger() -> Logger:
    """Writes what frameworks say as lines like ours."""
    return Logger(service=SERVICE, level="INFO", logger_formatter=LineFormatter())


class RequestLog:
    """What there is to say about one request."""

    def __init__(self, method: str, route: str) -> None:
        self.line: dict[str, Any] = {"method": method, "route": route}
        self.error: TokenvaultError | None = None

    def called_by(self, caller: Caller) -> None:
        """Notes who asks, by the policy's names; of a capture session the id, which alone opens nothing."""
        self.line |= {"tenant": caller.tenant, "client": caller.client}
        if caller.session is not None:
            self.line["capture_session"] = caller.session.session_id

    def failed(self, error: TokenvaultError) -> None:
        """Notes a refusal or a failure; its detail names the field and the rule, never the value.

        What AWS refuses is an operator's to mend, so the line has the cause that the caller is not told.
        """
        self.error = error
        self.line |= {"code": error.code, "detail": error.detail}
        if isinstance(error, StoreRefused | KeyRefused):
            self.line["cause"] = str(error)
        if isinstance(error, ConfigurationError):
            self.line["problems"] = list(error.problems)

    def unexpected(self, error: Exception) -> None:
        """Notes where an unforeseen error came from: its kind and its frames, not its message."""
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        self.line |= {"code": "internal_error", "kind": type(error).__name__, "frames": frames}

    def answered(self, status: int) -> None:
        """Notes the HTTP status."""
        self.line["status"] = status


class Telemetry:
    """One line a request, which is its log entry and, in CloudWatch's embedded metric format, its metrics.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    It goes where Powertools' logger writes, whatever its level: a level set for the function's log takes no
    metric away.
    """

    def __init__(self, function: str, environ: Mapping[str, str] = MappingProxyType({})) -> None:
        """`function` is a dimension of every metric; Lambda keeps the trace of the request in `environ`."""
        self._environ = environ
        self._cold = True
        self._revealed: int | None = None
        self._refused_items: list[str] = []
        self._out: Any = logger().registered_handler
        dimensions = {"function": function, "service": SERVICE}
        self._metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, dimension_set=dimensions)
        self._counts: dict[str, dict[str, Any]] = {}

    @contextmanager
    def request(self, method: str, route: str, request_id: str) -> Iterator[RequestLog]:
        """Watches one request; its line is written when it is answered."""
        watched = RequestLog(method, route)
        watched.line["correlation_id"] = request_id
        if trace := self._environ.get(TRACE):
            watched.line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
        started = time.perf_counter()
        try:
            yield watched
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            self._finish(watched, milliseconds)

    def _finish(self, watched: RequestLog, milliseconds: float) -> None:
        status = int(watched.line.get("status", 500))
        self._counts["Latency"] = {"Unit": "Milliseconds", "Value": milliseconds}
        self._count("Requests")
        self._count("Refused", int(400 <= status < 500))
        self._count("Failed", int(status >= 500))
        self._count("ColdStart", int(self._cold))
        self._cold = False
        if self._refused_items:
            watched.line["item_causes"], self._refused_items = self._refused_items, []
        if str(watched.line["route"]).endswith(REVEALING):  # below /people too
            forbidden = status == 403 and watched.line.get("code") != "approval_required"
            self._count("RevealsForbidden", int(forbidden))
        self._write("request", watched.line, failed=status >= 500)

    def tokenized(self, results: Sequence[object], deterministic: int) -> None:
        """Counts tokens made and values refused; deterministic ones apart, since guesses show there."""
        refused = self._refused(results)
        self._refused_items = sorted({str(result) for result in results if isinstance(result, StoreRefused)})
        self._count("TokensMade", len(results) - refused)
        self._count("ValuesRefused", refused)
        self._count("DeterministicTokens", deterministic)

    def imported(self, results: Sequence[object]) -> None:
        """Counts tokens that came along with their values, and those that were refused."""
        refused = self._refused(results)
        self._refused_items = sorted({str(result) for result in results if isinstance(result, StoreRefused)})
        self._count("TokensImported", len(results) - refused)
        self._count("ImportsRefused", refused)

    def searched(self, results: Sequence[object]) -> None:
        """Counts values that were looked for, and those of them that had a token."""
        refused = self._refused(results)
        self._count("Searches", len(results))
        self._count("SearchesFound", len(results) - refused)

    def revealed(self, results: Sequence[object], mode: RevealMode) -> None:
        """Counts tokens turned back, by mode and by client, and those that were not."""
        refused = self._refused(results)
        self._count("Reveals" if mode == "full" else "MaskedReveals", len(results) - refused)
        self._count("RevealsRefused", refused)
        self._revealed = len(results) - refused

    def exported(self, tokens: int, failed: int) -> None:
        """Counts a page of an export as what it is: full reveals, and tokens whose records do not open."""
        self._count("Reveals", tokens)
        self._count("RevealsRefused", failed)
        self._revealed = tokens

    def audit_failed(self) -> None:
        """Counts an event that could not be recorded; its request is refused."""
        self._count("AuditFailed")

    def canaries_revealed(self, count: int) -> None:
        """Counts canaries that somebody asked for. A single one is an alarm: nobody has a reason to ask."""
        self._count("CanaryRevealed", count)

    def maintained(self, run: "MaintenanceRun") -> None:
        """Counts what a maintenance run did, and says so."""
        self._count("KeysMade", len(run.keys_made))
        self._count("RecordsExpired", run.records_expired)
        self._count("RecordsCleaned", run.records_cleaned)
        self._counts["PendingErasureAge"] = {"Unit": "Seconds", "Value": run.pending_erasure_seconds}
        self._count("ShortLivedSecretsDestroyed", run.secrets_destroyed)
        if run.overdue_seconds:
            self._counts["ShortLivedSecretOverdue"] = {"Unit": "Seconds", "Value": run.overdue_seconds}
        facts = {
            "keys_made": len(run.keys_made),
            "keys_ready": len(run.keys_ready),
            "records_expired": run.records_expired,
            "records_cleaned": run.records_cleaned,
            "secrets_destroyed": run.secrets_destroyed,
            "errors": [error.for_log for error in run.errors] or None,
        }
        self._write("maintenance", facts, failed=bool(run.errors))

    def rewrapped(self, tenant: str, counts: Mapping[str, int], failed: str | None) -> None:
        """Counts the records of a page that were sealed again. `failed` says why a page was not done."""
        self._count("RecordsRewrapped", counts.get("moved", 0))
        self._write("rewrap", {"tenant": tenant, **counts, "failed": failed}, failed=failed is not None)

    def retokenized(self, counts: Mapping[str, int], failed: str | None) -> None:
        """Counts the tokens of a page that got new ones. `failed` says why a page was not done."""
        self._count("TokensReplaced", counts.get("moved", 0))
        # By names of their own: what `failed` counts elsewhere is why a whole page was not done.
        facts = {f"tokens_{name}": count for name, count in counts.items()}
        self._write("retokenize", {**facts, "failed": failed}, failed=failed is not None)

    def archived(self, written: int, changed: int, failed: str | None) -> None:
        """Counts events archived, and items of the audit table that somebody changed or removed.

        `failed` says why a part of a batch was not archived.
        """
        self._count("EventsArchived", written)
        self._count("AuditItemsChanged", changed)
        self._count("ArchiveFailed", int(failed is not None))
        facts = {"events_archived": written, "audit_items_changed": changed, "failed": failed}
        self._write("archive", facts, failed=bool(failed or changed))

    def _refused(self, results: Sequence[object]) -> int:
        """How many items of an answer are errors, counted by code too: a 200 would hide them.

        Neither types nor values are named; the codes are those of `errors`, so that there are few metrics.
        """
        errors = [result for result in results if isinstance(result, TokenvaultError)]
        for error in errors:
            self._count(f"ItemsRefused_{error.code}")
        return len(errors)

    def _write(self, message: str, facts: Mapping[str, Any], *, failed: bool) -> None:
        said = {"service": SERVICE, "message": message, **facts, **self._counted()}
        line = log_line("ERROR" if failed else "INFO", time.time(), said)
        # A broken standard output costs the line and not the request, as with `logging`.
        with suppress(OSError, ValueError):
            self._out.stream.write(f"{line}\n")
            self._out.flush()

    def _counted(self) -> dict[str, Any]:
        """What was counted since the last line, and how CloudWatch is to read it."""
        if not self._counts:
            return {}
        counted: dict[str, Any] = dict(self._metrics.serialize_metric_set(self._counts))
        self._counts = {}
        if self._revealed:
            counted[_BY_CLIENT["Metrics"][0]["Name"]] = self._revealed
            counted["_aws"]["CloudWatchMetrics"].append(_BY_CLIENT)
            self._revealed = None
        return counted

    def _count(self, name: str, value: int = 1) -> None:
        """Leaves out zeros, except in metrics whose rhythm an anomaly detector learns.

        Other alarms treat missing data as zero, and a line is paid by the byte.
        """
        if value or name in ANOMALY_METRICS:
            self._counts.setdefault(name, {"Unit": "Count", "Value": 0})["Value"] += value

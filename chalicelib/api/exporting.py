"""What the revealing function serves where a client may export: JSON in, JSON out."""

from typing import Any

from chalicelib.api.approval_bodies import approval_body
from chalicelib.api.export_bodies import AskExportBody, ExportBody, ExportPageBody, begun_body, exported_body
from chalicelib.api.messages import ApiRequest
from chalicelib.api.operations import Operations
from chalicelib.api.reading import read
from chalicelib.caller import Caller
from chalicelib.service.export_approvals import ExportApprovals
from chalicelib.service.exporter import Exporter
from chalicelib.telemetry import Telemetry


def exporting(exporter: Exporter, approvals: ExportApprovals, telemetry: Telemetry) -> Operations:
    """The steps of an export."""

    def ask(caller: Caller, request: ApiRequest) -> Any:
        asked = read(request.body, AskExportBody).asked
        return approval_body(approvals.ask(caller, asked, request.request_id))

    def begin(caller: Caller, request: ApiRequest) -> Any:
        return begun_body(exporter.begin(caller, read(request.body, ExportBody).asked, request.request_id))

    def page(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, ExportPageBody)
        chunk = exporter.page(caller, body.opening, body.cursor, request.request_id)
        telemetry.exported(chunk.tokens, chunk.failed)
        return exported_body(chunk)

    return {"ask_export_approval": ask, "begin_export": begin, "export_page": page}

"""What the emulator answers to an action that neither moto nor a patch has: a refusal that can be read.

moto raises, Flask makes a page of HTML with status 500 of it, and an SDK retries that for minutes and then
complains about the first character.
"""

import json
from typing import Any, Final

from flask import Flask, Response, request
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.exceptions import NotFound

CODE: Final = "NotImplementedByEmulator"

# SDKs retry 500, 502, 503 and 504, and not this one.
_STATUS: Final = 501


def create_app(service: Any) -> Flask:
    """moto's application for a service, with readable refusals."""
    app = create_backend_app(service)
    app.register_error_handler(NotImplementedError, lambda error: _refusal(str(error)))
    app.register_error_handler(NotFound, lambda error: _refusal("no such path"))
    return app


def _refusal(message: str) -> Response:
    target = request.headers.get("X-Amz-Target") or f"{request.method} {request.path}"
    body = {"__type": CODE, "code": CODE, "message": f"The emulator has no such action: {target}: {message}"}
    headers = {"x-amzn-errortype": CODE}
    return Response(json.dumps(body), _STATUS, headers, mimetype="application/json")

"""An answer for a request that Terraform's provider asks again though it was carried out.

On a busy machine about one in some thousand requests of the provider (5.100.0) comes twice, the second time
as `attempt=2`, when the first was answered with 200 within milliseconds. An account that carries it out once
more then has a second key that nobody destroys, or refuses to create what is there. The AWS SDKs mark all
attempts of one call with the same `amz-sdk-invocation-id`. Other clients are answered anew each time: what
they make of a lost answer is theirs, and tested.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

from werkzeug.wrappers import Response

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

KEPT: Final = 256
"""So many answers are remembered; the attempts of one call follow each other within seconds."""

_REDIRECTS: Final = 300


class AnsweredOnce:
    """Hands each call of the provider on until it succeeds once; after that it gets the same answer again."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not call or "Terraform" not in environ.get("HTTP_USER_AGENT", ""):
            return self._application(environ, start_response)
        answer = self._answers.get(call) or Response.from_app(self._application, environ, buffered=True)
        if answer.status_code < _REDIRECTS:
            self._keep(call, answer)
        return answer(environ, start_response)

    def _keep(self, call: str, answer: Response) -> None:
        with self._lock:
            self._answers[call] = answer
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)

"""Headless Chromium, driven as somebody would use it: by the DevTools protocol over a pipe.

https://chromedevtools.github.io/devtools-protocol/ ; messages are JSON with a NUL behind each.
"""

import base64
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any, Final

from local.processes import wait_until
from tests.support.pages import arguments

SECONDS: Final = 10
"""For each thing that is waited for."""

_KEYS: Final = {"Enter": (13, "\r"), "Escape": (27, ""), "Space": (32, " "), "Tab": (9, "")}

_ENCODINGS: Final = ("utf-8", "utf-16-le")


class Pipe:
    """Chromium's end of the protocol: calls, and what it tells by itself."""

    def __init__(self, profile: Path) -> None:
        (theirs, ours), (self._read, writes) = os.pipe(), os.pipe()
        # Chromium reads at 3 and writes at 4, whatever the numbers here are.
        spares = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 64) for end in (theirs, writes)]
        actions = [(os.POSIX_SPAWN_DUP2, spare, number) for spare, number in zip(spares, (3, 4), strict=True)]
        nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        command = arguments(profile, "--remote-debugging-pipe", "--hide-scrollbars", "about:blank")
        self._process = os.posix_spawn(command[0], command, os.environ, file_actions=[*nowhere, *actions])
        for end in (theirs, writes, *spares):
            os.close(end)
        self._to, self._lock, self._number = os.fdopen(ours, "wb", buffering=0), threading.Lock(), 0
        self._answers: dict[int, Queue[Any]] = {}
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """The result of a method. Raises `AssertionError` with what Chromium says against it."""
        answer: Queue[Any] = Queue()
        with self._lock:
            self._number += 1
            number = self._number
            self._answers[number] = answer
            message = {"id": number, "method": method, "params": parameters}
            self._to.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        found = answer.get(timeout=SECONDS)
        assert "error" not in found, f"{method}: {found['error']}"
        return found["result"]

    def close(self) -> None:
        os.kill(self._process, 9)
        os.waitpid(self._process, 0)
        self._reader.join(SECONDS)
        self._to.close()

    def _listen(self) -> None:
        with os.fdopen(self._read, "rb", buffering=0) as stream:
            rest = b""
            while piece := stream.read(1 << 16):
                *whole, rest = (rest + piece).split(b"\0")
                for text in whole:
                    self._take(json.loads(text))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers.pop(message["id"]).put(message)
        else:
            self.events.append(message)


class Page:
    """A tab, and whoever sits before it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
        attached = pipe.call("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        return self._pipe.call(method, self._session, **parameters)

    def open(self, address: str) -> None:
        """Goes to an address; what has to be there then, `until` waits for."""
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """What an expression gives, also one that is awaited."""
        found = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str) -> None:
        """Waits until an expression holds; pages that are on their way to another hold nothing."""

        def holds() -> bool:
            try:
                return bool(self.evaluate(f"!!({expression})"))
            except AssertionError:
                return False

        held = wait_until(holds, SECONDS)
        assert held, f"{expression}: not within {SECONDS} s at {self.evaluate('location.href')}"

    def press(self, key: str) -> None:
        """A key, down and up."""
        code, text = _KEYS[key]
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def tab_to(self, selector: str) -> None:
        """Tabs to an element, as somebody without a mouse does."""
        at = f"document.activeElement.matches({json.dumps(selector)})"
        for _ in range(30):
            if self.evaluate(at):
                return
            self.press("Tab")
        raise AssertionError(f"no way by the keyboard to {selector}")

    def type(self, text: str) -> None:
        """Types into what has the focus."""
        self.call("Input.insertText", text=text)

    def text(self, selector: str) -> str:
        """The text of an element that can be seen; empty if it cannot."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def picture(self, width: int, height: int) -> bytes:
        """A PNG of the top of the page."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.evaluate("scrollTo(0, 0)")
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def events(self, *methods: str) -> list[dict[str, Any]]:
        """What Chromium told of this tab, by these methods."""
        mine = [event for event in list(self._pipe.events) if event.get("sessionId") == self._session]
        return [event["params"] for event in mine if event["method"] in methods]

    def sent_to(self, origin: str) -> list[dict[str, Any]]:
        """The requests to an origin: addresses, headers and bodies."""
        sent = [event["request"] for event in self.events("Network.requestWillBeSent")]
        return [request for request in sent if request["url"].startswith(f"{origin}/")]

    def console(self) -> list[dict[str, Any]]:
        """What was written to the console, by the page or by the browser about it."""
        return self.events("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

    def close(self) -> None:
        self._pipe.call("Target.closeTarget", targetId=self._target)


def holds(profile: Path, text: str) -> bool:
    """Whether a text stands in any file of a browser."""
    files = [file for file in profile.rglob("*") if file.is_file()]
    return any(text.encode(encoding) in _read(file) for file in files for encoding in _ENCODINGS)


def _read(file: Path) -> bytes:
    """A file of a browser that may run; empty if it is gone again."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


@contextmanager
def browser(profile: Path) -> Iterator[Pipe]:
    """A browser of its own. Raises `AssertionError` where there is none."""
    pipe = Pipe(profile)
    try:
        yield pipe
    finally:
        pipe.close()

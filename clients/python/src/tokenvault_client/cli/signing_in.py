"""The commands of people: to sign in, to sign out, and to say who is signed in here."""

import argparse
import threading
import webbrowser
from typing import Any, Final

from tokenvault_client.access_tokens import REVEALING, action_of
from tokenvault_client.blocking import finished
from tokenvault_client.cli import printing
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ProblemError
from tokenvault_client.granting import claims
from tokenvault_client.people import PORTS, Attempt, Endpoint, Loopback, SignIn, SignInFailed, Store
from tokenvault_client.people.opening import ANSWER_SECONDS, endpoint_of, store_of
from tokenvault_client.settings import Settings

PATIENCE_SECONDS: Final = 300.0
"""How long a person may take in the browser."""

_LONGEST_LINE: Final = 8192

Scopes = tuple[str, ...]


def login(session: Session, chosen: argparse.Namespace) -> Exit:
    """Has a person sign in: once, or once for each side of the API that the client may use."""
    settings, store, endpoint = _opened(session)
    asked = tuple(f"vault/{name}" for name in chosen.action)
    first = _signed_in(session, settings, endpoint, asked, by_hand=chosen.no_browser)
    tokenizing = tuple(scope for scope in first.scopes if action_of(scope) not in REVEALING)
    both = 0 < len(tokenizing) < len(first.scopes)
    if both:
        session.say("Once more: an access token that reveals is not for the side that tokenizes.")
    more = [_signed_in(session, settings, endpoint, tokenizing, by_hand=chosen.no_browser)] if both else []
    try:
        finished(_keep(store, endpoint, [first, *more]))
    except OSError as error:
        raise UsageError(f"the sign-in could not be kept: {error.strerror or error}") from None
    return whoami(session, chosen)


def logout(session: Session, _: argparse.Namespace) -> Exit:
    """Forgets the sign-in here, and ends it at the user pool."""
    _settings, store, endpoint = _opened(session)
    deadline = Deadline.after(ANSWER_SECONDS)
    kept = finished(_forget(store, endpoint, deadline))
    try:
        for one in kept:
            finished(endpoint.revoke(one.refresh_token, deadline))
    except ProblemError:
        session.say("signed out here; at the user pool the sign-in goes on until its time is up")
        raise
    session.result({"signed_out": bool(kept)}, "signed out" if kept else "nobody was signed in")
    return Exit.OK


def whoami(session: Session, _: argparse.Namespace) -> Exit:
    """Who is signed in here, by what the access token says."""
    _settings, store, _endpoint = _opened(session)
    kept = store.read()
    if not kept:
        session.result({"username": None}, "nobody is signed in: tokenvault login")
        return Exit.NOT_CHECKED
    said = claims(kept[0].access_token)
    fields: dict[str, Any] = {
        "username": said.get("username"),
        "user_sub": said.get("sub"),
        "groups": said.get("cognito:groups") or [],
        "scopes": sorted({scope for one in kept for scope in one.scopes}),
    }
    groups = ", ".join(map(str, fields["groups"])) or "no group"
    plain = f"{fields['username']} ({fields['user_sub']}), in {groups}"
    scopes = f"scopes of the access token (groups may allow less): {' '.join(fields['scopes'])}"
    session.result(fields, f"{printing.tame(plain)}\n{printing.tame(scopes)}")
    return Exit.OK


def _opened(session: Session) -> tuple[Settings, Store, Endpoint]:
    settings = Settings.from_env(session.environment, for_person=True)
    return settings, store_of(session.environment, settings), endpoint_of(settings)


async def _keep(store: Store, endpoint: Endpoint, sign_ins: list[SignIn]) -> None:
    async with store.locked(Deadline.after(ANSWER_SECONDS), endpoint.asking.pause):
        store.write(sign_ins)


async def _forget(store: Store, endpoint: Endpoint, deadline: Deadline) -> list[SignIn]:
    async with store.locked(deadline, endpoint.asking.pause):
        kept = store.read()
        store.remove()
    return kept


def _signed_in(
    session: Session, settings: Settings, endpoint: Endpoint, scopes: Scopes, *, by_hand: bool
) -> SignIn:
    """One way through a browser. Raises `UsageError` if the person does not come back with a code."""
    way = _by_hand if by_hand else _by_browser
    attempt, answered = way(session, settings.client_id, endpoint, scopes)
    try:
        code = attempt.code(answered)
    except SignInFailed as failed:
        raise UsageError(str(failed)) from None
    return SignIn.of(finished(endpoint.redeem(attempt, code, Deadline.after(ANSWER_SECONDS))))


def _by_browser(session: Session, client_id: str, endpoint: Endpoint, scopes: Scopes) -> tuple[Attempt, str]:
    """Opens the browser of this machine, and waits until it comes back."""
    try:
        loopback = Loopback(PORTS)
    except OSError:
        ports = ", ".join(map(str, PORTS))
        raise UsageError(f"ports {ports} of 127.0.0.1 are all taken; --no-browser needs none") from None
    try:
        attempt = Attempt.new(client_id, loopback.port, scopes)
        url = attempt.url(endpoint.authorize_url)
        session.say(f"Sign in at:\n{url}")
        # A browser in the terminal is waited for, and itself waits for the answer below.
        threading.Thread(target=_open, args=(session, url), daemon=True).start()
        answered = loopback.wait(attempt.is_answer, Deadline.after(PATIENCE_SECONDS))
    finally:
        loopback.close()
    if answered is None:
        raise UsageError("nobody came back from the browser in time")
    return attempt, answered


def _open(session: Session, url: str) -> None:
    if not webbrowser.open(url):
        session.say("No browser opened here. Open the address on this machine, or use --no-browser.")


def _by_hand(session: Session, client_id: str, endpoint: Endpoint, scopes: Scopes) -> tuple[Attempt, str]:
    """Has the person open an address anywhere, and paste where the browser ended."""
    attempt = Attempt.new(client_id, PORTS[0], scopes)
    session.say(f"Open this in a browser on any machine, and sign in:\n{attempt.url(endpoint.authorize_url)}")
    session.say(f"It ends at {attempt.redirect_uri}, which does not load. Paste that whole address here:")
    if session.stdin is None:
        raise UsageError("stdin is closed, and the address is read from there")
    return attempt, session.stdin.readline(_LONGEST_LINE).decode("utf-8", "replace")

"""The command that checks a deployed stack."""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from tokenvault_client import doctor as doctors
from tokenvault_client import tls
from tokenvault_client.blocking import asking
from tokenvault_client.cli.aws import aws
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import HttpTransport
from tokenvault_client.retries import Retries
from tokenvault_client.settings import VARIABLES, Settings

_SECONDS: Final = 15.0

_LARGEST: Final = 1024 * 1024
"""Outputs of a stack have some kilobytes, and some hundred for each client."""

_SHOWN: Final[Mapping[doctors.State, str]] = {"ok": "ok", "failed": "FAILED", "not_checked": "not checked"}

_CREDENTIALS: Final = ("client_id", "client_secret", "api_key")


def doctor(session: Session, chosen: argparse.Namespace) -> Exit:
    """Whether the stack is as it should be, as far as calls can tell."""
    with session.reading(chosen.stack, "--stack") as file:
        stack = doctors.read_outputs(file.read(_LARGEST))
    reached = _reached(session.environment, stack)
    counts: Counter[doctors.State] = Counter()
    with aws() as boto3:
        clients = partial(boto3.client, region_name=stack.region)
        # Without credentials nothing could be looked at: better said once, with what to do.
        clients("sts").get_caller_identity()
        for finding in doctors.examine(reached, clients, stack, chosen.fire_alarms):
            counts[finding.state] += 1
            _tell(session, finding)
    _sum_up(session, counts)
    return _end(counts)


def _reached(environment: Mapping[str, str], stack: doctors.Outputs) -> doctors.Reached:
    """The API of the stack, as the environment says how to reach it. Raises `ConfigurationError`."""
    known = dict(_with_urls(environment, stack))
    given = any(environment.get(VARIABLES[name]) for name in _CREDENTIALS)
    if not given:
        # Settings want credentials; requests of nobody need their addresses and proxies only.
        known |= {VARIABLES[name]: "none" for name in _CREDENTIALS}
    settings = Settings.from_env(known)
    context = tls.context_for(settings)
    api, endpoint = (
        HttpTransport(url, _SECONDS, context, settings.proxy_for(url))
        for url in (settings.url, settings.token_url)
    )
    tokens = HeldTokens(settings, asking(endpoint, Retries()))
    visitor = doctors.Visitor(api, tokens, settings.api_key) if given else None
    new_context = partial(tls.context, settings.client_certificate, settings.client_key)
    direct = settings.proxy_for(settings.url) is None
    return doctors.Reached(settings.url, api, new_context if direct else None, visitor)


def _with_urls(environment: Mapping[str, str], stack: doctors.Outputs) -> Iterator[tuple[str, str]]:
    yield from {VARIABLES["url"]: stack.url, VARIABLES["token_url"]: stack.token_url}.items()
    yield from ((name, text) for name, text in environment.items() if text)


def _tell(session: Session, finding: doctors.Finding) -> None:
    shown = f"{_SHOWN[finding.state]:13}{finding.check:42}{finding.detail}"
    session.result({"finding": asdict(finding)}, shown)


def _sum_up(session: Session, counts: Mapping[doctors.State, int]) -> None:
    fields: dict[str, Any] = {state: counts.get(state, 0) for state in _SHOWN}
    plain = ", ".join(f"{counts.get(state, 0)} {shown}" for state, shown in _SHOWN.items())
    session.result({"report": fields}, f"\n{plain}")


def _end(counts: Mapping[doctors.State, int]) -> Exit:
    """What failed counts for more than what could not be checked."""
    if counts.get("failed"):
        return Exit.SOME_FAILED
    return Exit.NOT_CHECKED if counts.get("not_checked") else Exit.OK

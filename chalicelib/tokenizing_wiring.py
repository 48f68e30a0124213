"""What the tokenizing function serves, put together: a part of the composition root."""

import secrets
import time

from chalicelib import config
from chalicelib.account import Account
from chalicelib.api.capturing import capturing
from chalicelib.api.handler import Service
from chalicelib.api.tokenizing import tokenizing
from chalicelib.auth.policy import Policy
from chalicelib.crypto.kms import MacKey
from chalicelib.service.capture_sessions import CaptureSessions
from chalicelib.service.capturer import Capturer
from chalicelib.service.card_fingerprints import CardFingerprints
from chalicelib.service.deriving import Deriver
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.import_writer import ImportWriter
from chalicelib.service.importer import Importer
from chalicelib.service.intake import Intake
from chalicelib.service.macs import Macs
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import Requests
from chalicelib.service.searcher import Searcher
from chalicelib.service.short_lived import ShortLivedSecrets
from chalicelib.service.subjects import Subjects
from chalicelib.service.tokenizer import Tokenizer
from chalicelib.telemetry import Telemetry
from chalicelib.vault.budget_table import BudgetTable
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.request_table import RequestTable


def build(account: Account, loaded: Policy, watch: Telemetry, origins: frozenset[str]) -> Service:
    """What the tokenizing function serves. `origins` are those whose pages may read answers, if any may."""
    settings, audit, budgets, keys = account.settings, account.audit(watch), account.budgets, account.keys
    prf_keys, subjects = account.prf_keys, Subjects(account.subjects, secrets.token_bytes)
    generate_mac = MacKey(account.kms, str(settings.hmac_key_arn)).generate
    macs = Macs(generate_mac, account.pool)
    derive = Deriver(prf_keys, macs).derive
    writer = DeterministicWriter(store=account.tokens, derive=derive, keys=keys, clock=time.time)
    request_table = RequestTable(account.dynamodb, str(settings.requests_table))
    requests = Requests(request_table, prf_keys, time.time, secrets.token_bytes)
    intake = Intake(
        keys=keys,
        open_sealer=account.open_sealer,
        subjects=subjects,
        short_lived=ShortLivedSecrets(account.subjects, secrets.token_bytes),
        card_fingerprints=CardFingerprints(prf_keys, macs),
        budgets=budgets,
        audit=audit,
    )
    tokenizer = Tokenizer(
        policy=loaded,
        store=account.tokens,
        keys=keys,
        requests=requests,
        subjects=subjects,
        intake=intake,
        deterministic_writer=writer,
        random_writer=_random_writer(account, keys),
        clock=time.time,
    )
    importer = Importer(
        policy=loaded,
        requests=requests,
        intake=intake,
        writer=ImportWriter(store=account.tokens, keys=keys, clock=time.time),
        audit=audit,
        clock=time.time,
    )
    searcher = Searcher(
        policy=loaded,
        subjects=subjects,
        deterministic_tokens=writer,
        budgets=budgets,
        audit=audit,
        clock=time.time,
    )
    sessions = CaptureSessions(
        policy=loaded,
        vault_id=settings.vault_id,
        generate_mac=generate_mac,
        is_allowed_origin=origins.__contains__ if origins else config.is_origin,
        clock=time.time,
        random_bytes=secrets.token_bytes,
    )
    spent = BudgetTable(account.dynamodb, str(settings.budgets_table))
    capturer = Capturer(tokenizer=tokenizer, requests=requests, spent=spent, clock=time.time)
    served = {
        **tokenizing(tokenizer, importer, searcher, loaded, watch),
        **capturing(sessions, capturer, loaded, watch),
    }
    return Service(loaded, served, takes_revealing=False, restoring=settings.restoring, sessions=sessions)


def _random_writer(account: Account, keys: TokenizingKeyring) -> RandomWriter:
    slots = account.settings.region_slots
    return RandomWriter(
        store=account.tokens, keys=keys, own_slots=slots, clock=time.time, randbelow=secrets.randbelow
    )

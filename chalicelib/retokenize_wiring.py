"""What gives values new tokens, put together: a part of the composition root.

Imported by the functions that an operator asks for it, so that no other starts later for it.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from chalicelib.account import Account, ClientFactory
from chalicelib.auth.policy import Policy
from chalicelib.config import Settings
from chalicelib.crypto.kms import MacKey, SigningKey
from chalicelib.errors import ConfigurationError, InvalidRequest, Restoring, TokenvaultError
from chalicelib.key_wiring import unexpected
from chalicelib.service import retokenize_events
from chalicelib.service.deriving import Deriver
from chalicelib.service.macs import Macs
from chalicelib.service.retokenize_pages import RetokenizePages
from chalicelib.service.retokenize_papers import RetokenizePapers
from chalicelib.service.retokenizer import Retokenizer
from chalicelib.service.token_walker import TokenWalker
from chalicelib.telemetry import Telemetry
from chalicelib.vault.token_walk_table import TokenWalkTable
from chalicelib.vault.walk_table import VaultScanner


def build_token_walker(env: Mapping[str, str], client: ClientFactory) -> TokenWalker:
    """What puts tokens down in the maintenance function. Raises `ConfigurationError`."""
    settings = Settings.from_env(env)
    if settings.function != "maintain":
        raise ConfigurationError(["only the maintenance function walks over tokens"])
    account = Account(settings, client)
    return TokenWalker(
        walks=TokenWalkTable(account.dynamodb, settings.keys_table, settings.region),
        records=VaultScanner(account.dynamodb, settings.vault_table),
        clock=time.time,
        random_bytes=secrets.token_bytes,
    )


def build_retokenizer(account: Account, loaded: Policy, watch: Telemetry) -> Retokenizer:
    """What gives values new tokens in the revealing function.

    Raises `Restoring` in a vault where erased tokens live, and `InvalidRequest` where no type has another PRF
    key than the first: only then the function may do what it takes.
    """
    settings = account.settings
    if settings.function != "reveal":
        raise ConfigurationError(["only the revealing function gives values new tokens"])
    if settings.restoring:
        raise Restoring("the vault is being restored: erase again what was erased, first")
    if not loaded.replaces_prf_keys:
        raise InvalidRequest("type: no type of the policy has a prf_key above 1")
    if settings.hmac_key_arn is None:
        raise ConfigurationError(["TOKENVAULT_HMAC_KEY_ARN is not set"])
    receipt_key = SigningKey(account.kms, str(settings.receipt_key_arn))
    return Retokenizer(
        policy=loaded,
        walks=TokenWalkTable(account.dynamodb, settings.keys_table, settings.region),
        pages=_pages(account, settings.hmac_key_arn),
        papers=RetokenizePapers(
            vault_id=settings.vault_id,
            region=settings.region,
            key_id=receipt_key.arn,
            sign=receipt_key.sign,
            verify=receipt_key.verify,
        ),
        prf_keys=account.prf_keys,
        audit=account.audit(watch),
        clock=time.time,
        random_bytes=secrets.token_bytes,
    )


def retokenize(
    retokenizer: Retokenizer, watch: Telemetry, event: Mapping[str, Any], request_id: str
) -> dict[str, Any]:
    """Begins a run, or takes a page of it.

    Raises `TokenvaultError` and nothing else: the message of an error that nobody foresaw may quote a value.
    """
    try:
        answered = retokenize_events.answer(retokenizer, event, request_id)
    except Exception as error:  # noqa: BLE001  # see above
        known = error if isinstance(error, TokenvaultError) else unexpected(error)
        watch.retokenized({}, known.for_log)
        raise known from None
    watch.retokenized(retokenize_events.counts(answered), None)
    return answered


def _pages(account: Account, hmac_key_arn: str) -> RetokenizePages:
    macs = Macs(MacKey(account.kms, hmac_key_arn).generate, account.pool)
    return RetokenizePages(
        store=account.tokens,
        subjects=account.subjects,
        keys=account.revealing_keys,
        newest=account.keys,
        open_sealer=account.open_sealer,
        derive=Deriver(account.prf_keys, macs).derive,
        clock=time.time,
    )

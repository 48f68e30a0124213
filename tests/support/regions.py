"""Regions that all serve: the use cases over tables in memory that replicate late, in any order.

Nothing of the product is replaced except DynamoDB, KMS and the audit trail's store.
"""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller, CaptureSession
from chalicelib.config import SLOTS
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ImportItem, TokenizeItem, ValueItem
from chalicelib.service.approvals import Approvals
from chalicelib.service.approved_reveals import ApprovedReveals
from chalicelib.service.budgets import Budgets
from chalicelib.service.canaries import Canaries
from chalicelib.service.capturer import Capturer, CaptureResult
from chalicelib.service.card_fingerprints import CardFingerprints
from chalicelib.service.cleaner import Cleaned, Cleaner
from chalicelib.service.deriving import Deriver
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.eraser import Eraser, ReceiptSigner, SignedReceipt
from chalicelib.service.import_writer import ImportWriter
from chalicelib.service.importer import Importer
from chalicelib.service.intake import Intake
from chalicelib.service.macs import Macs
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import RequestKey, Requests
from chalicelib.service.results import Result
from chalicelib.service.retokenize_pages import RetokenizePages
from chalicelib.service.revealer import DetokenizeRequest, Revealer
from chalicelib.service.revealer import Result as RevealResult
from chalicelib.service.rewrapper import Rewrapped, Rewrapper
from chalicelib.service.searcher import Searcher
from chalicelib.service.short_lived import ShortLivedSecrets
from chalicelib.service.subjects import Subjects
from chalicelib.service.tokenizer import Tokenizer
from chalicelib.sources import Clock
from chalicelib.vault.keyring import PrfKeyring, RevealingKeyring, TokenizingKeyring
from chalicelib.vault.records import OpenSealer, RecordSealer
from chalicelib.vault.walks import Walk, WalkStore
from tests.support import policies
from tests.support.memory_keys import unwrap
from tests.support.region_approvals import RegionApprovals, signed
from tests.support.region_stores import Deployed, OnePage, Stores, Tables, Unlimited

TENANT = "shop"
Types = dict[str, dict[str, Any]]
TYPES: Types = {
    "text": {"format": "text", "imported_tokens": {"pattern": "old_[a-z]{8}", "values": True}},
    "known": {"format": "text", "mode": "deterministic", "derivation": "cached"},
    "short": {
        "format": "custom",
        "options": {"alphabet": "0123456789", "min_length": 4, "max_length": 4},
        "expected_tokens": 50,
    },
}
CALLER = Caller(
    TENANT, "app", frozenset({"tokenize", "detokenize", "erase"}), frozenset(TYPES), frozenset({"test"})
)


class Region:
    """What serves in one Region: both functions and the clean-up, over this Region's tables."""

    def __init__(
        self,
        number: int,
        tables: Tables,
        stores: Stores,
        deployed: Deployed,
        clock: Clock,
        dice: random.Random,
    ) -> None:
        """`dice` draw tokens and secrets."""
        self._caller = replace(CALLER, types=frozenset(deployed.policy.types))
        self._importing = replace(self._caller, actions=frozenset({"import"}))
        self._searching = replace(self._caller, actions=frozenset({"search"}))
        self.vault, self.subjects = tables.vault, tables.subjects
        self._clock, self._dice, self._policy = clock, dice, deployed.policy
        self._store, self._subjects, self.keys = stores.vault, stores.subjects, stores.keys
        self._requests, self._audit = stores.requests, stores.audit
        cache_seconds = deployed.key_cache_seconds
        held: dict[str, Any] = {
            "vault_id": policies.VAULT_ID, "cache_seconds": cache_seconds, "clock": clock,
        }  # fmt: skip
        self._tokenizing = TokenizingKeyring(store=self.keys, unwrap_bundle=unwrap, **held)
        self._prf = PrfKeyring(store=self.keys, unwrap=unwrap, **held)
        self._revealing = RevealingKeyring(
            tokenizing=self._tokenizing, unwrap_private=unwrap, cache_seconds=cache_seconds, clock=clock
        )
        self._budgets = Budgets(store=Unlimited(), regions=deployed.regions, clock=clock)
        share = SLOTS // deployed.regions
        self._tokenizer = self._make_tokenizer(frozenset(range(number * share, (number + 1) * share)))
        self._capturer = Capturer(
            tokenizer=self._tokenizer, requests=self._opened_requests(), spent=stores.spent, clock=clock
        )
        self._signed = signed(stores.approvals)
        self._revealer = self._make_revealer()
        self.approving = self._make_approving()
        self._eraser = self._make_eraser(deployed.erasing)
        self._cleaner = Cleaner(store=self._store, subjects=self._subjects, clock=clock)

    def tokenize(self, items: Sequence[dict[str, Any]], key: str | None = None) -> list[Result]:
        """See `Tokenizer.tokenize`."""
        given = [TokenizeItem(i["type"], Sensitive(i["value"]), i.get("subject")) for i in items]
        request = RequestKey(key, Sensitive(repr(items).encode())) if key else None
        return self._tokenizer.tokenize(self._caller, given, "request", request)

    def import_tokens(self, items: Sequence[dict[str, Any]], key: str | None = None) -> list[Result]:
        """See `Importer.take_in`."""
        given = [
            ImportItem(i["type"], Sensitive(i["value"]), i.get("subject"), token=i["token"]) for i in items
        ]
        request = RequestKey(key, Sensitive(repr(items).encode())) if key else None
        return self._importer.take_in(self._importing, given, "request", request)

    def capture(self, session: CaptureSession, items: Sequence[tuple[str, str]]) -> list[CaptureResult]:
        """See `Capturer.capture`; a page has shown that the session is its own."""
        caller = replace(self._caller, actions=frozenset({"capture"}), purposes=frozenset(), session=session)
        given = [ValueItem(kind, Sensitive(value)) for kind, value in items]
        return self._capturer.capture(caller, given, "request", Sensitive(repr(items).encode()))

    def search(self, kind: str, value: str, subject: str | None) -> list[Result]:
        """See `Searcher.search`, for one value."""
        return self._searcher.search(self._searching, [ValueItem(kind, Sensitive(value), subject)], "request")

    def reveal(self, *tokens: str) -> list[RevealResult]:
        """See `Revealer.detokenize`."""
        return self._revealer.detokenize(self._caller, DetokenizeRequest(tokens, "full", "test", "request"))

    def erase(self, token: str) -> None:
        """See `Eraser.erase_token`."""
        self._eraser.erase_token(self._caller, token, "request")

    def erase_subject(self, subject: str) -> SignedReceipt:
        """See `Eraser.erase_subject`."""
        return self._eraser.erase_subject(self._caller, subject, "request")

    def clean(self) -> Cleaned:
        """See `Cleaner.clean`."""
        return self._cleaner.clean(1e9)

    def hold_writing_key(self) -> None:
        """Has the containers hold the newest version, if they hold none: they write with it from then on."""
        self._tokenizing.writing_key(TENANT)

    def rewrap(self, key_id: str, *tokens: str, waited: int = 0) -> Rewrapped:
        """Seals these records again under a version, on a page that waited so many seconds; see
        `Rewrapper.rewrap`."""
        put_down = int(self._clock()) - waited
        walks = OnePage(Walk(TENANT, 0, True, key_id, page=tokens, put_down=put_down))
        return self.rewrapper(walks).rewrap(TENANT, "request")

    def retokenize(self, type_name: str, *tokens: str) -> dict[str, str]:
        """Gives these tokens' values those under the type's key now; each old token with its new one."""
        pages = RetokenizePages(
            store=self._store,
            subjects=self._subjects,
            keys=self._revealing,
            newest=self._tokenizing,
            open_sealer=self._open_sealer(),
            derive=self._deriver().derive,
            clock=self._clock,
        )
        page = pages.open(TENANT, self._policy.types[type_name], tokens)
        entries = json.loads(pages.write(TENANT, page).plaintext.reveal())
        return {entry["token"]: entry["new_token"] for entry in entries if "error" not in entry}

    def prf_key(self, type_name: str) -> int:
        """Number of the PRF key that tokens of the type are derived with here."""
        return self._policy.types[type_name].prf_key

    def rewrapper(self, walks: WalkStore) -> Rewrapper:
        """The use case of sealing records again, for the walks of this Region."""
        return Rewrapper(
            walks=walks,
            store=self._store,
            subjects=self._subjects,
            keys=self._revealing,
            open_sealer=self._open_sealer(),
            audit=self._audit,
            clock=self._clock,
        )

    def _open_sealer(self) -> OpenSealer:
        dice = self._dice.randbytes
        return partial(RecordSealer, fill=fill_from_kernel, random_bytes=dice, per_request=True)

    def _macs(self) -> Macs:
        return Macs(lambda message: message, ThreadPoolExecutor(1))

    def _deriver(self) -> Deriver:
        return Deriver(self._prf, self._macs())

    def _make_tokenizer(self, own_slots: frozenset[int]) -> Tokenizer:
        macs, derive = self._macs(), self._deriver().derive
        both: dict[str, Any] = {"store": self._store, "keys": self._tokenizing, "clock": self._clock}
        subjects = Subjects(self._subjects, self._dice.randbytes)
        requests = self._opened_requests()
        intake = Intake(
            keys=self._tokenizing,
            open_sealer=self._open_sealer(),
            subjects=subjects,
            short_lived=ShortLivedSecrets(self._subjects, self._dice.randbytes),
            card_fingerprints=CardFingerprints(self._prf, macs),
            budgets=self._budgets,
            audit=self._audit,
        )
        self._importer = Importer(
            policy=self._policy,
            requests=requests,
            intake=intake,
            writer=ImportWriter(**both),
            audit=self._audit,
            clock=self._clock,
        )
        deterministic = DeterministicWriter(derive=derive, **both)
        self._searcher = Searcher(
            policy=self._policy,
            subjects=subjects,
            deterministic_tokens=deterministic,
            budgets=self._budgets,
            audit=self._audit,
            clock=self._clock,
        )
        return Tokenizer(
            policy=self._policy,
            requests=requests,
            subjects=subjects,
            intake=intake,
            deterministic_writer=deterministic,
            random_writer=RandomWriter(own_slots=own_slots, randbelow=self._dice.randrange, **both),
            **both,
        )

    def _make_revealer(self) -> Revealer:
        return Revealer(
            policy=self._policy,
            store=self._store,
            subjects=self._subjects,
            keys=self._revealing,
            budgets=self._budgets,
            approvals=ApprovedReveals(self._signed, self._clock, self._dice.randbytes),
            audit=self._audit,
            canaries=Canaries(self._policy.canaries, lambda number: None),
            clock=self._clock,
        )

    def _opened_requests(self) -> Requests:
        return Requests(self._requests, self._prf, self._clock, self._dice.randbytes)

    def _make_approving(self) -> RegionApprovals:
        approvals = Approvals(
            approvals=self._signed,
            store=self._store,
            subjects=self._subjects,
            keys=self._tokenizing,
            audit=self._audit,
            canaries=Canaries(self._policy.canaries, lambda number: None),
            clock=self._clock,
            random_bytes=self._dice.randbytes,
        )
        return RegionApprovals(approvals, self._revealer, self._caller)

    def _make_eraser(self, policy: Policy) -> Eraser:
        signing_key = ec.generate_private_key(ec.SECP256R1())
        signer = ReceiptSigner(
            policies.VAULT_ID, "key", lambda message: signing_key.sign(message, ec.ECDSA(hashes.SHA256())), 35
        )
        return Eraser(
            policy=policy,
            store=self._store,
            subjects=self._subjects,
            signer=signer,
            audit=self._audit,
            clock=self._clock,
        )

"""The policy: which information types and tenants exist, and what each client of a tenant may do.

Terraform writes it from typed variables and checks it; it is checked once more here, since a
container that runs with a half-understood policy would grant or destroy the wrong things.
"""

import hashlib
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

import msgspec

from chalicelib.auth.approval_policy import approval_problems
from chalicelib.auth.client_policy import client_problems
from chalicelib.auth.documents import (
    ClientDocument,
    ClientKind,
    GrantDocument,
    PolicyDocument,
    TenantDocument,
    TypeDocument,
)
from chalicelib.auth.type_policy import limit_problems, mode_problems
from chalicelib.caller import ApprovalRule, AssertionRule, Grant
from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Field, Options, TokenFormat
from chalicelib.formats.capacity import EXPECTED, shortage
from chalicelib.formats.imported import ImportedTokens, imported_tokens
from chalicelib.formats.sharing import Claim, crowding
from chalicelib.model import FIRST_PRF_KEY, Action, BudgetKind, InfoType

MAX_BUDGET: Final = 10**9
"""The largest budget of a client, of any kind, in an hour."""

MAX_EXPECTED: Final = 10**15
"""The largest number of tokens that a policy can expect of a type."""

BuildFormat = Callable[[str, str, Options], TokenFormat]
"""Makes a format from its name, the type's name and the options. Raises `ConfigurationError`."""

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""Names of tenants, clients, types and purposes: they stand in keys, metrics and audit items."""


@dataclass(frozen=True)
class Client:
    """A client of a tenant, and the API keys it may come with: of a client for people, None.

    `groups` are those of its tenant, by the name that an access token has for them.
    """

    tenant: str
    name: str
    api_key_ids: frozenset[str | None]
    actions: frozenset[Action]
    types: frozenset[str]
    purposes: frozenset[str]
    budgets: Mapping[BudgetKind, int]
    on_behalf_of: bool = False
    assertions: AssertionRule | None = None
    approval: ApprovalRule | None = None
    fields: frozenset[Field] | None = None
    kind: ClientKind = "service"
    groups: Mapping[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """The checked policy: `clients` by (issuer, client id) of an access token, `canaries` by tenant."""

    types: Mapping[str, InfoType]
    tenants: frozenset[str]
    clients: Mapping[tuple[str, str], Client]
    canaries: Mapping[str, frozenset[str]]

    def client(self, tenant: str, name: str) -> Client | None:
        """A client by its name; None if the policy does not have it, or no longer."""
        named = (client for client in self.clients.values() if (client.tenant, client.name) == (tenant, name))
        return next(named, None)

    def lists_purpose(self, tenant: str, purpose: str | None) -> bool:
        """Whether a client of the tenant has this purpose: then it is no text of a caller's own."""
        return any(purpose in each.purposes for each in self.clients.values() if each.tenant == tenant)

    @property
    def has_exporters(self) -> bool:
        """Whether a client may export."""
        return any("export" in client.actions for client in self.clients.values())

    @property
    def prf_keys(self) -> frozenset[int]:
        """The numbers of the PRF keys that tenants need; the first one always, for requests and cards."""
        return frozenset({FIRST_PRF_KEY, *(kind.prf_key for kind in self.types.values())})

    @property
    def replaces_prf_keys(self) -> bool:
        """Whether a type is derived with another PRF key than the first: its older tokens may be moved."""
        return any(kind.prf_key > FIRST_PRF_KEY for kind in self.types.values())

    def only(self, types: Collection[str]) -> "Policy":
        """The policy with no other types than these."""
        return replace(self, types={name: kind for name, kind in self.types.items() if name in types})


def load(
    text: str, sha256: str, vault_id: str, build_format: BuildFormat, slot_share: Fraction = Fraction(1)
) -> Policy:
    """The policy from its stored text, once per container.

    `sha256` is the hex digest that was deployed with the function: an attacker who can write to the
    table but cannot deploy changes nothing. `slot_share` is how much of the space of random formatted
    tokens this Region draws from. Raises `ConfigurationError` with every problem found.
    """
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise ConfigurationError(["the stored policy is not the one this function was deployed with"])
    try:
        document = msgspec.json.decode(text, type=PolicyDocument)
    except msgspec.DecodeError as error:
        raise ConfigurationError([f"the policy does not parse: {error}"]) from None
    problems = list(_problems(document, vault_id))
    types = _types(document, build_format, slot_share, problems)
    if problems:
        raise ConfigurationError(problems)
    canaries = {name: frozenset(tenant.canaries) for name, tenant in document.tenants.items()}
    return Policy(types, frozenset(document.tenants), dict(_clients(document)), canaries)


def _problems(document: PolicyDocument, vault_id: str) -> Iterator[str]:
    if document.vault_id != vault_id:
        yield "the policy belongs to another vault"
    for kind, names in (("type", document.types), ("tenant", document.tenants)):
        wrong_names = ", ".join(map(ascii, itertools.filterfalse(NAME.fullmatch, names)))
        if wrong_names:
            yield f"{kind} names match {NAME.pattern}, which is not so of {wrong_names}"
    for tenant_name, tenant in document.tenants.items():
        approvers = any(_may_approve(client, tenant) for client in tenant.clients.values())
        for name, client in tenant.clients.items():
            where = f"client {name} of tenant {tenant_name}"
            yield from (f"{where} {problem}" for problem in client_problems(client))
            yield from (f"{where} {problem}" for problem in _grant_problems(name, client, document))
            wrong = approval_problems(client.approval, client.actions, client.types, has_approvers=approvers)
            yield from (f"{where} {problem}" for problem in wrong)
        for name, group in tenant.groups.items():
            where = f"group {name} of tenant {tenant_name}"
            yield from (f"{where} {problem}" for problem in _grant_problems(name, group, document))
            if "capture" in group.actions:
                yield f"{where} may begin capture sessions (capture), and only a service does"
    yield from _shared_identities(document)


def _may_approve(client: ClientDocument, tenant: TenantDocument) -> bool:
    """Whether anybody may approve through this client: a person needs a group that may, too."""
    grouped = any("approve" in group.actions for group in tenant.groups.values())
    return "approve" in client.actions and (client.kind == "service" or grouped)


def _grant_problems(name: str, grant: GrantDocument, document: PolicyDocument) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"has a name that does not match {NAME.pattern}"
    if unknown := set(grant.types) - set(document.types):
        known = ", ".join(sorted(document.types)) or "none"
        yield f"uses types that the policy does not have: {', '.join(sorted(unknown))}; it has {known}"
    if any(not NAME.fullmatch(purpose) for purpose in grant.purposes):
        yield f"has a purpose that does not match {NAME.pattern}"
    if "detokenize" in grant.actions and not grant.purposes:
        yield "may reveal in full but has no purpose to do it for: set purposes"
    if "export" in grant.actions and not grant.purposes:
        yield "may export but has no purpose to do it for: set purposes"
    if "import" in grant.actions and set(grant.actions) - {"import", "read"}:
        yield "may import tokens, and so no more than that and read"
    limits = (limit for kind, limit in grant.budgets.items() if kind != "unapproved_reveals")
    if any(not 1 <= limit <= MAX_BUDGET for limit in limits):
        yield f"has a budget that is not from 1 to {MAX_BUDGET}; leave it out for no limit, or the action"


def _shared_identities(document: PolicyDocument) -> Iterator[str]:
    """An access token must mean one client; an API key may not let one client pass for another."""
    seen: dict[tuple[str | None, ...], str] = {}
    for tenant_name, tenant in document.tenants.items():
        for name, client in tenant.clients.items():
            for identity in client.identities:
                for key in ((identity.issuer, identity.client_id), (identity.api_key_id,)):
                    holder = f"{tenant_name}/{name}"
                    if key != (None,) and seen.setdefault(key, holder) != holder:
                        yield f"clients {seen[key]} and {holder} share an identity or an API key"


def _types(
    document: PolicyDocument, build_format: BuildFormat, slot_share: Fraction, problems: list[str]
) -> dict[str, InfoType]:
    built = {}
    for name, written in document.types.items():
        problems += [f"type {name} {problem}" for problem in mode_problems(written)]
        try:
            token_format = build_format(written.format, name, written.options)
        except ConfigurationError as error:
            problems += [f"type {name}: {problem}" for problem in error.problems]
            continue
        longest = token_format.facts.longest_ttl_seconds
        unfit = [*limit_problems(written, longest), *_capacity_problems(written, token_format, slot_share)]
        problems += [f"type {name} {problem}" for problem in unfit]
        built[name] = InfoType(
            name,
            token_format,
            written.mode,
            written.derivation or "kms",
            written.default_ttl_seconds,
            written.max_ttl_seconds or longest,
            _imported(name, written, problems),
            written.prf_key or FIRST_PRF_KEY,
        )
    claims = {name: _claim(document.types[name], info_type) for name, info_type in built.items()}
    problems += [f"type {name} {reason}" for name, reason in crowding(claims, slot_share)]
    return built


def _imported(name: str, written: TypeDocument, problems: list[str]) -> ImportedTokens | None:
    if (said := written.imported_tokens) is None:
        return None
    try:
        return imported_tokens(said.pattern, own_shape=said.own_shape, values=said.values)
    except ConfigurationError as error:
        problems += [f"type {name}: imported_tokens: {problem}" for problem in error.problems]
        return None


def _claim(written: TypeDocument, info_type: InfoType) -> Claim:
    expected = EXPECTED if written.expected_tokens is None else written.expected_tokens
    return Claim(info_type.format, info_type.mode, expected)


def _capacity_problems(
    written: TypeDocument, token_format: TokenFormat, slot_share: Fraction
) -> Iterator[str]:
    expected = EXPECTED if written.expected_tokens is None else written.expected_tokens
    if not 1 <= expected <= MAX_EXPECTED:
        yield f"expects a number of tokens that is not from 1 to {MAX_EXPECTED}"
    elif reason := shortage(token_format.capacity(), written.expected_tokens, written.mode, slot_share):
        yield reason


def _clients(document: PolicyDocument) -> Iterator[tuple[tuple[str, str], Client]]:
    for tenant_name, tenant in document.tenants.items():
        groups = {f"{tenant_name}/{name}": grant(group) for name, group in tenant.groups.items()}
        for name, written in tenant.clients.items():
            allowed = grant(written)
            for identity in written.identities:
                # Regions have pools and API keys of their own: the key must be of the pool's Region.
                yield (
                    (identity.issuer, identity.client_id),
                    Client(
                        tenant=tenant_name,
                        name=name,
                        api_key_ids=frozenset(
                            other.api_key_id
                            for other in written.identities
                            if other.issuer == identity.issuer
                        ),
                        actions=allowed.actions,
                        types=allowed.types,
                        purposes=allowed.purposes,
                        budgets=allowed.budgets,
                        on_behalf_of=written.on_behalf_of,
                        assertions=written.assertions.rule if written.assertions else None,
                        approval=written.approval.rule if written.approval else None,
                        fields=None if written.fields is None else frozenset(written.fields),
                        kind=written.kind,
                        groups=groups,
                    ),
                )


def grant(written: GrantDocument) -> Grant:
    """What goes together, as the policy has it."""
    types, purposes = frozenset(written.types), frozenset(written.purposes)
    return Grant(frozenset(written.actions), types, purposes, written.budgets)

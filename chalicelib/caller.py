"""Who calls, and what the policy lets them do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.errors import NotPermitted
from chalicelib.formats.base import Field
from chalicelib.model import Action, BudgetKind


@dataclass(frozen=True)
class User:
    """The person who signed in to a client, by the claims of the verified access token.

    `sub` tells users apart for ever. `username` may go to somebody else once its user was deleted; None if it
    looks like a card number, which may not be stored.
    """

    sub: str
    username: str | None


@dataclass(frozen=True)
class ApprovalRule:
    """Which full reveals of a client need a second person's approval: of `types`, and those that the budget
    `unapproved_reveals` does not cover; and all its exports. `valid_seconds` is the time from the asking to
    the reveal, or to the beginning of the export."""

    types: frozenset[str]
    valid_seconds: int


@dataclass(frozen=True)
class AssertionRule:
    """Whose signed assertions of persons a client may pass on: of `issuer`, for `audience`, signed with one
    of `keys` (public keys in PEM by their ids), and at most `max_age_seconds` old.

    `required`: it reveals nothing without one.
    """

    issuer: str
    audience: str
    keys: Mapping[str, str] = field(repr=False)
    max_age_seconds: int
    required: bool


@dataclass(frozen=True)
class AssertedUser:
    """The person whom a verified assertion names, by the `sub` that the identity provider `issuer` has."""

    issuer: str
    sub: str = field(repr=False)


@dataclass(frozen=True)
class CaptureSession:
    """What a client lets whoever has the session do once, or several times, until `expires` (a Unix time).

    `types` are those of the values that it takes in, `max_values` how many, `origin` is that of the page (RFC
    6454), and `subject` whose the values are. `session_id` has 128 random bits, in base64url. A `single_use`
    session takes in one request.
    """

    session_id: str
    tenant: str
    client: str
    types: tuple[str, ...]
    origin: str
    max_values: int
    single_use: bool
    subject: str | None = field(repr=False)
    expires: int


@dataclass(frozen=True)
class Grant:
    """What goes together: actions with types, for purposes, within the budgets of a person.

    Two groups of one person stay two grants. Put together field by field, they would allow what neither does:
    the types of one for the purposes of the other.
    """

    actions: frozenset[Action]
    types: frozenset[str]
    purposes: frozenset[str]
    budgets: Mapping[BudgetKind, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """A client of a tenant, as the policy and a verified access token describe it.

    `actions` are those that the policy grants and the access token carries a scope for. `budgets` are by the
    hour; what has none is not limited. `user` is None where the client asks for itself. `on_behalf_of` says
    whether the client's word for it is taken when it names the person it asks for, `assertions` whose signed
    word is, None for nobody's. `approval` is None for a
    client whose reveals need no second person. `fields` are all that it may reveal in full, of values that
    are objects, and then it reveals nothing else so; None for no limit. `session` is the capture session by
    which a page acts for the client; None where the client asks itself.

    `grants` are those of a person's groups, and actions, types and purposes of all of them, until a use case
    says what it does (`chalicelib.auth.permissions`) and those that allow it are left. `own_budgets` are then
    the person's by information type, beside the client's.

    `refused` says why the client may do nothing at all with this request. It goes as far as its use case all
    the same, which puts the refusal on record as it does with any other.
    """

    tenant: str
    client: str
    actions: frozenset[Action]
    types: frozenset[str]
    purposes: frozenset[str]
    budgets: Mapping[BudgetKind, int] = field(default_factory=dict)
    user: User | None = field(default=None, repr=False)
    on_behalf_of: bool = False
    assertions: AssertionRule | None = None
    approval: ApprovalRule | None = None
    fields: frozenset[Field] | None = None
    grants: tuple[Grant, ...] = ()
    own_budgets: Mapping[str, Mapping[BudgetKind, int]] = field(default_factory=dict)
    session: CaptureSession | None = None
    refused: NotPermitted | None = None

    def own_limit(self, kind: BudgetKind, type_name: str | None) -> int | None:
        """How much of a type the person may ask for in an hour; None for no limit.

        What is of no type that the person may use, or of an unknown one (None), has the smallest limit.
        """
        if type_name is not None and type_name in self.own_budgets:
            return self.own_budgets[type_name].get(kind)
        return min((limits[kind] for limits in self.own_budgets.values() if kind in limits), default=None)

    def has_limits_by_type(self, kind: BudgetKind) -> bool:
        """Whether the types have to be known to say what the limit is."""
        return len({limits.get(kind) for limits in self.own_budgets.values()}) > 1

    def of_grants(self, grants: Sequence[Grant]) -> "Caller":
        """The caller with the actions, types and purposes of these, each of them whole."""
        return replace(
            self,
            actions=frozenset(action for grant in grants for action in grant.actions),
            types=frozenset(name for grant in grants for name in grant.types),
            purposes=frozenset(purpose for grant in grants for purpose in grant.purposes),
        )

    def refusing(self, why: NotPermitted) -> "Caller":
        """The same, who may do nothing."""
        return replace(self.of_grants(()), grants=(), refused=why)

    def in_groups(self, groups: Iterable[Grant]) -> "Caller":
        """The caller as a person who is in these: what each of them allows, within what the client may."""
        grants = tuple(
            Grant(
                self.actions & each.actions,
                self.types & each.types,
                self.purposes & each.purposes,
                each.budgets,
            )
            for each in groups
        )
        return replace(self.of_grants(grants), grants=grants)

    @property
    def requester(self) -> str:
        """Who may send a request again under its key: a client, each of its people alone, or its pages."""
        if self.session is not None:
            return f"{self.client}##capture"
        return self.client if self.user is None else f"{self.client}#{self.user.sub}"

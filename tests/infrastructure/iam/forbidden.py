"""What nobody may do, whatever their own policies say: who, what, of what, and what has to decide."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.infrastructure.iam.functions import Stack
from tests.infrastructure.iam.simulator import Context, Request

NOTHING_ALLOWS = ""
"""No statement denies it, since none allows it either: all policies leave it out."""

DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant")
USING = {
    "audit": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"),
    "hmac": ("kms:GenerateMac", "kms:VerifyMac", "kms:CreateGrant"),
    "index": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"),
    "receipts": ("kms:Sign", "kms:CreateGrant"),
    "tables": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"),
    "vault": (
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKeyPair",
        "kms:ReEncryptFrom",
        "kms:CreateGrant",
    ),
    "archive": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"),
    "logs": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"),
}

PURPOSES = ("branch-key", "tokenizing-bundle", "prf-key")


@dataclass(frozen=True)
class Forbidden:
    """A request, and the statement that denies it (`NOTHING_ALLOWS` where none has to)."""

    request: Request
    by: str


@dataclass(frozen=True)
class Roles:
    """ARNs of the roles, the stack's and others."""

    tokenize: str
    reveal: str
    maintain: str
    archive: str
    reader: str
    administrator: str
    outsider: str
    plan: str
    apply: str


@dataclass(frozen=True)
class Table:
    """All that is forbidden in a stack."""

    stack: Stack
    roles: Roles

    def rows(self) -> list[Forbidden]:
        """Every row, each named by its request."""
        parts = (
            self._tokenizing,
            self._maintaining,
            self._administrating,
            self._archive,
            self._planning,
            self._deploying,
        )
        return [row for part in parts for row in part()]

    def _purposes(self) -> list[dict[str, str]]:
        return [self.stack.context({"purpose": purpose}) for purpose in PURPOSES]

    def _tokenizing(self) -> Iterator[Forbidden]:
        """The tokenizing role opens no record, and forges no other function's chain."""
        me, keys, tables = self.roles.tokenize, self.stack.keys, self.stack.tables
        never = "resource: TheTokenizingFunctionNeverTouchesThisKey"
        for context in self._purposes():
            for action in (*DECRYPTING, "kms:Encrypt", "kms:DescribeKey"):
                yield _row(me, action, keys["vault"], never, context)
        yield _row(me, "kms:Decrypt", keys["index"], context=self.stack.context({"purpose": "branch-key"}))
        yield _row(me, "kms:Decrypt", keys["audit"], context=self.stack.context({"purpose": "audit-chain"}))
        others = self.stack.context({"purpose": "audit-chain", "function": "reveal"})
        yield _row(me, "kms:GenerateDataKey", keys["audit"], context=others)
        yield _row(me, "kms:Decrypt", keys["tables"])
        for action, table in (
            ("dynamodb:DeleteItem", "vault"), ("dynamodb:UpdateItem", "vault"), ("dynamodb:Scan", "vault"),
            ("dynamodb:PutItem", "keys"), ("dynamodb:DeleteItem", "subjects"), ("dynamodb:PutItem", "policy"),
            ("dynamodb:Query", "audit"), ("dynamodb:DeleteItem", "audit"),
        ):  # fmt: skip
            yield _row(me, action, tables[table], context=self.stack.items("shop#p1"))
        yield _row(me, "dynamodb:PutItem", tables["subjects"], context=self.stack.items("erasing"))
        from_elsewhere = {"dynamodb:LeadingKeys": ["shop#p1"], "aws:SourceVpce": "vpce-00000000"}
        yield _row(
            me, "dynamodb:PutItem", tables["vault"], "resource: AndOnlyFromTheirNetwork", from_elsewhere
        )

    def _maintaining(self) -> Iterator[Forbidden]:
        """The maintenance role makes keys that it cannot open, and reads no record by a key."""
        me, keys = self.roles.maintain, self.stack.keys
        for context in self._purposes():
            for key in ("vault", "index"):
                for action in DECRYPTING:
                    yield _row(me, action, keys[key], context=context)
        for key in ("audit", "tables"):
            yield _row(me, "kms:Decrypt", keys[key], context=self.stack.context({"purpose": "audit-chain"}))
        yield _row(me, "dynamodb:Query", self.stack.tables["vault"], context=self.stack.items("shop#x"))
        for asked in (
            {"dynamodb:Select": "ALL_ATTRIBUTES"},
            {"dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:Attributes": ["pk", "value"]},
        ):
            yield _row(me, "dynamodb:Scan", self.stack.tables["vault"], context=self.stack.items() | asked)
        yield _row(self.roles.reveal, "dynamodb:Scan", self.stack.tables["vault"], context=self.stack.items())
        yield _row(self.roles.reveal, "kms:Encrypt", keys["index"], context=self._purposes()[1])
        yield _row(self.roles.reveal, "kms:Decrypt", keys["index"], context=self._purposes()[2])
        yield _row(
            self.roles.reveal, "kms:GenerateMac", keys["hmac"], context={"kms:MacAlgorithm": "HMAC_SHA_256"}
        )

    def _administrating(self) -> Iterator[Forbidden]:
        """Who administers the account or the keys uses none of them, and touches no item."""
        for me in (self.roles.administrator, self.roles.outsider):
            for key, actions in USING.items():
                contexts: list[Context] = [{}, *self._purposes()] if key in ("vault", "index") else [{}]
                for action in actions:
                    yield from (
                        _row(me, action, self.stack.keys[key], context=context) for context in contexts
                    )
            for table in sorted(set(self.stack.tables) - {"policy"}):
                for action in (
                    "dynamodb:GetItem",
                    "dynamodb:Scan",
                    "dynamodb:PutItem",
                    "dynamodb:DeleteItem",
                ):
                    yield _row(me, action, self.stack.tables[table], "resource: OnlyTheFunctionsTouchItems")
        yield _row(self.roles.outsider, "kms:PutKeyPolicy", self.stack.keys["vault"])
        yield _row(self.roles.outsider, "kms:ScheduleKeyDeletion", self.stack.keys["vault"])

    def _archive(self) -> Iterator[Forbidden]:
        """Who reads the archive does not write it, who writes does not read, and nobody removes anything."""
        objects, key, roles = (
            f"{self.stack.archive}/2026/11/27/x.ndjson",
            self.stack.keys["archive"],
            self.roles,
        )
        for me in (roles.reader, roles.administrator, roles.reveal, roles.apply):
            yield _row(me, "s3:PutObject", objects, "resource: NobodyWritesButTheArchiver")
        for me in (roles.archive, roles.administrator, roles.outsider, roles.plan, roles.apply):
            yield _row(me, "s3:GetObject", objects, "resource: NobodyReadsButTheReader")
        for me in (roles.reader, roles.archive, roles.administrator, roles.apply):
            for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"):
                yield _row(me, action, objects, "resource: NobodyRemovesOrUnlocks")
        through_s3 = self.stack.through("s3") | {"kms:EncryptionContext:aws:s3:arn": self.stack.archive}
        yield _row(roles.reader, "kms:GenerateDataKey", key, context=through_s3)
        yield _row(roles.archive, "kms:Decrypt", key, context=through_s3)
        yield _row(roles.reader, "kms:Decrypt", key)

    def _planning(self) -> Iterator[Forbidden]:
        """A plan changes nothing, and sees neither records nor keys in use."""
        me, stack = self.roles.plan, self.stack
        for table in sorted(set(stack.tables) - {"policy"}):
            yield _row(me, "dynamodb:GetItem", stack.tables[table], "identity: ReadsNoItemButThePolicy")
        yield _row(me, "dynamodb:PutItem", stack.tables["policy"])
        for key in ("vault", "index", "audit", "tables"):
            yield _row(
                me, "kms:Decrypt", stack.keys[key], "identity: DecryptsNothingElse", self._purposes()[0]
            )
        yield _row(me, "kms:PutKeyPolicy", stack.keys["vault"])
        yield _row(
            me, "kms:Decrypt", stack.keys["state"], context=stack.context({"purpose": "terraform-plan"})
        )
        yield _row(me, "s3:PutObject", f"{self.stack.state}/tokenvault.tfstate")
        yield _row(
            me,
            "s3:GetObject",
            f"{self.stack.state}/bootstrap.tfstate",
            "identity: ReadsNoObjectButTheStateAndCertificates",
        )
        yield _row(me, "iam:PutRolePolicy", self.roles.tokenize)
        yield _row(me, "lambda:UpdateFunctionCode", _function(stack, "tokenize"))

    def _deploying(self) -> Iterator[Forbidden]:
        """An apply uses no key, reads no record, and does not widen its own limits."""
        me, stack = self.roles.apply, self.stack
        for key in ("vault", "index", "audit"):
            yield _row(me, "kms:Decrypt", stack.keys[key], context=self._purposes()[0])
        yield _row(me, "kms:Decrypt", stack.keys["tables"])
        for table in sorted(set(stack.tables) - {"policy"}):
            yield _row(me, "dynamodb:GetItem", stack.tables[table], "resource: OnlyTheFunctionsTouchItems")
        own = "identity: ChangesNoRoleOrPolicyOfThePipeline"
        for action in (
            "iam:PutRolePolicy",
            "iam:AttachRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:DeleteRolePolicy",
        ):
            yield _row(me, action, self.roles.apply, own)
            yield _row(me, action, self.roles.plan, own)
        aws = "arn:aws:iam::aws:policy/AdministratorAccess"
        yield _row(me, "iam:AttachRolePolicy", self.roles.tokenize, context={"iam:PolicyARN": aws})
        yield _row(me, "iam:PutRolePolicy", self.roles.outsider)
        yield _row(
            me, "iam:PassRole", self.roles.tokenize, context={"iam:PassedToService": "ec2.amazonaws.com"}
        )
        yield _row(me, "s3:PutBucketPolicy", self.stack.state, "identity: LeavesTheStatesBucketAsItIs")
        yield _row(
            me,
            "s3:DeleteObjectVersion",
            f"{self.stack.state}/tokenvault.tfstate",
            "identity: LeavesTheStatesBucketAsItIs",
        )
        for action in ("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:TagResource", "kms:CreateAlias"):
            yield _row(me, action, stack.keys["state"], "resource: NoPipelineChangesAStatesKey")
        yield _row(me, "lambda:InvokeFunction", _function(stack, "reveal"))


def _row(
    principal: str, action: str, resource: str, by: str = NOTHING_ALLOWS, context: Context | None = None
) -> Forbidden:
    return Forbidden(Request(principal, action, resource, context or {}), by)


def _function(stack: Stack, name: str) -> str:
    return f"arn:aws:lambda:{stack.region}:123456789012:function:tokenvault-{name}-{stack.region}"

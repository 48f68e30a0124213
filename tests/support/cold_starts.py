"""What a container does with its policy when it starts, for each generation of a deployed stack."""

from chalicelib.auth import policy
from chalicelib.formats import registry
from chalicelib.vault.policy_table import PolicyTable
from local.account import Account


class ColdStarts:
    """Starts a container of each function and generation that may get calls, as often as it is told to."""

    def __init__(self, account: Account, names: dict[str, str], vault_id: str) -> None:
        self._table = PolicyTable(account.client("dynamodb"), "tokenvault-policy")
        self._functions, self._names = account.client("lambda"), names
        self._vault_id = vault_id
        self.generations = {self.deployed(name) for name in names.values()}
        """Digests that versions in use were deployed with, since the beginning."""

    def deployed(self, name: str) -> str:
        """The digest in the environment of what a function's alias points at."""
        applied = self._functions.get_function_configuration(FunctionName=name, Qualifier="live")
        return str(applied["Environment"]["Variables"]["TOKENVAULT_POLICY_SHA256"])

    def __call__(self) -> None:
        """Raises `AssertionError` where a container would find no policy, or another one than its own."""
        self.generations |= {self.deployed(name) for name in self._names.values()}
        for sha256 in self.generations:
            text = self._table.document(sha256)
            assert text is not None, "a container would be misconfigured"
            policy.load(text, sha256, self._vault_id, registry.build)

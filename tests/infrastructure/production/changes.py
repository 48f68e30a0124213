"""The example of production while its policy changes, every night: each change is applied for a minute."""

from chalicelib.vault.policy_table import PolicyTable
from local.stack import Stack
from local.terraform import Terraform
from tests.infrastructure.production.example import with_another_client
from tests.support.between import Between
from tests.support.cold_starts import ColdStarts


def test_no_container_misses_its_policy_while_it_changes(stack: Stack) -> None:
    """At each request of two changes, containers of the old and of the new generation start; one is kept."""
    account = type(stack.account)(stack.places.emulator_url, "eu-central-1")
    outputs = stack.terraform.outputs()
    served = {name: function for name, function in outputs["function_names"].items() if name != "archive"}
    seen = []
    for client in ("reporting", "auditing"):
        options = with_another_client(stack.terraform, client)
        starts = ColdStarts(account, served, "acme-payments")
        with Between(account.endpoint, starts) as between:
            environment = {**account.environment, "AWS_ENDPOINT_URL": between.url}
            Terraform(stack.places.state, environment, print).run("apply", "-auto-approve", *options)
        assert between.looks > 20
        assert between.problems == []
        starts()
        assert len(starts.generations) == 2, "the one before and the new one"
        seen.append(starts.generations)
    [gone] = seen[0] - seen[1]
    assert PolicyTable(account.client("dynamodb"), "tokenvault-policy").document(gone) is None


def test_the_plan_after_a_change_is_empty(terraform: Terraform) -> None:
    """What the change kept is not wanted otherwise by the next plan."""
    options = with_another_client(terraform, "auditing")[1:]
    terraform.run("plan", "-detailed-exitcode", *options)

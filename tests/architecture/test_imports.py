"""Dependencies point one way, and each outside thing has one door."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*sorted((ROOT / "chalicelib").rglob("*.py")), ROOT / "app.py"]
BULK = sorted((ROOT / "bulklib").rglob("*.py"))

MAY_IMPORT = {
    # package or module: what of chalicelib it may import
    "errors": set(),
    "sensitive": set(),
    "sources": set(),
    "items": set(),
    "cache": {"sources"},
    "formats": {"errors", "formats"},
    "model": {"errors", "formats", "sensitive"},
    "caller": {"errors", "formats", "model"},
    "actors": {"caller"},
    "maintenance_run": {"errors"},
    "config": {"errors"},
    "drawing": {"config", "errors", "formats", "sources"},
    "aws": {"aws"},
    "crypto": {"aws", "crypto", "errors", "items", "sources"},
    "auth": {"auth", "caller", "errors", "formats", "model"},
    "vault": {"actors", "aws", "cache", "crypto", "errors", "items"}
    | {"model", "sensitive", "sources", "vault"},
    "audit": {"audit", "aws", "crypto", "errors", "items", "sources", "vault"},
    "service": {"actors", "audit", "auth", "caller", "crypto", "drawing", "errors", "formats", "items"}
    | {"maintenance_run", "model", "sensitive", "service", "sources", "vault"},
    "kernel_random": {"errors"},
    "log_line": set(),
    "telemetry": {"caller", "errors", "log_line", "maintenance_run", "model"},
    "api": {"actors", "api", "auth", "caller", "errors", "formats"}
    | {"model", "sensitive", "service", "telemetry"},
}  # fmt: skip

DOORS = {
    # library: the only modules that may import it
    "chalice": {"app"},
    "boto3": {"aws.clients"},
    "botocore": {"aws.clients", "aws.errors", "aws.fast_path", "aws.retry_quota"},
    "aws_lambda_powertools": {"log_line", "telemetry"},
    "dynamodb_encryption_sdk": {"crypto.record_cipher", "crypto.materials", "crypto.attribute_key"},
    "secrets": {
        "account",
        "export_wiring",
        "retokenize_wiring",
        "revealing_wiring",
        "tokenizing_wiring",
        "wiring",
    },
    "os": {"wiring", "app"},
    "idna": {"formats.email"},
    "jwt": {"auth.assertions"},
    "phonenumbers": {"formats.phone"},
    "stdnum": {f"formats.standard_numbers.{name}" for name in ("corrections", "reading", "replaced")},
    "msgspec": {
        "api.approval_bodies",
        "api.bodies",
        "api.revealing_bodies",
        "api.body_fields",
        "api.capture_bodies",
        "api.card_body",
        "api.export_bodies",
        "api.handler",
        "api.problems",
        "api.reading",
        "auth.approval_policy",
        "auth.assertions",
        "auth.capture_sessions",
        "auth.documents",
        "auth.policy",
        "aws.fast_path",
        "log_line",
        "service.export_pages",  # numbers of JSON values with all their digits, as in answers
    },
}
ADAPTERS = {
    "audit.archive_bucket",
    "audit.table",
    "aws.clients",
    "aws.fast_path",
    "aws.retry_quota",
    "crypto.kms",
    "vault.dynamodb",
} | {
    f"vault.{name}"
    for name in (
        "approval_table",
        "batches",
        "budget_table",
        "key_table",
        "policy_table",
        "request_table",
        "subject_table",
        "token_table",
        "token_walk_table",
        "walk_table",
    )
}
SERVES_NO_ROUTE = {
    "api.direct",
    "audit.archive",
    "audit.archive_bucket",
    "audit.checkpointer",
    "bulk",
    "key_wiring",
    "retokenize_wiring",
    "service.cleaner",
    "service.event_fields",
    "service.expirer",
    "service.key_events",
    "service.key_provisioner",
    "service.maintenance",
    "service.retokenize_events",
    "service.retokenize_pages",
    "service.retokenize_papers",
    "service.retokenizer",
    "service.rewrapper",
    "service.token_walker",
    "service.walker",
    "vault.token_walk_items",
    "vault.token_walk_table",
    "vault.token_walks",
    "vault.walk_table",
    "vault.walks",
}
SERVES = {
    # function: what it serves with, and no other one loads
    "tokenize": {"api.capturing", "api.tokenizing", "service.deterministic_writer", "service.tokenizer"},
    "reveal": {"api.approving", "api.revealing", "service.approvals", "service.eraser", "service.revealer"},
}
COMPOSITION_ROOT = {
    "wiring",
    "account",
    "export_wiring",
    "key_wiring",
    "retokenize_wiring",
    "revealing_wiring",
    "tokenizing_wiring",
}


def name(source: Path) -> str:
    relative = source.relative_to(ROOT).with_suffix("")
    return ".".join(part for part in relative.parts if part not in ("chalicelib", "__init__"))


def imports(source: Path) -> set[str]:
    """The modules that a file imports, wherever in it, in full."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _imported_by(program: str, **environment: str) -> set[str]:
    """The modules that a new interpreter has loaded after a program, ours without their package."""
    show = [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"]
    shown = subprocess.run(
        show, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return {module.removeprefix("chalicelib.") for module in shown.stdout.split()}


def ours(source: Path) -> set[str]:
    return {
        module.removeprefix("chalicelib.") for module in imports(source) if module.startswith("chalicelib.")
    }


@pytest.mark.parametrize(
    "source", [s for s in SOURCES if name(s) not in {"app", "bulk", "", *COMPOSITION_ROOT}], ids=name
)
def test_dependencies_point_one_way(source: Path) -> None:
    """A module imports only what stands further in, by the table above."""
    package = name(source).split(".")[0]
    used = {module.split(".")[0] for module in ours(source)}
    assert used <= MAY_IMPORT[package], f"{name(source)} imports {sorted(used - MAY_IMPORT[package])}"


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_each_library_has_its_doors(source: Path) -> None:
    """AWS, Chalice, randomness and the environment are reached through named modules only."""
    for library, doors in DOORS.items():
        used = any(module == library or module.startswith(f"{library}.") for module in imports(source))
        assert not used or name(source) in doors, f"{name(source)} imports {library}"


@pytest.mark.parametrize(
    "source", [s for s in SOURCES if name(s) not in {*COMPOSITION_ROOT, *ADAPTERS}], ids=name
)
def test_only_the_composition_root_imports_adapters(source: Path) -> None:
    """Everything else knows protocols."""
    assert not ours(source) & ADAPTERS


BULK_DOORS = {
    # library: the only modules of bulklib that may import it
    "boto3": {"functions", "export_functions"},
    "botocore": {"errors", "functions", "export_functions", "objects", "invoking"},
    "os": {"functions", "export_functions"},
    "pyarrow": set(),
}


@pytest.mark.parametrize("source", BULK, ids=lambda source: source.stem)
def test_bulk_imports_know_nothing_of_the_service(source: Path) -> None:
    """What reads files that others made has none of the code that holds keys."""
    used = imports(source)
    tops = {module.split(".")[0] for module in used}
    assert not tops & {"chalicelib", "app", "local", "tests", "moto"}
    for library, doors in BULK_DOORS.items():
        assert library not in tops or source.stem in doors, f"{source.stem} imports {library}"


def test_only_one_step_of_a_bulk_import_knows_the_vault() -> None:
    """The function that looks at whole files could not send a value if it wanted to."""
    knowing = {source.stem for source in BULK if "bulklib.vault" in imports(source)}
    assert knowing == {"functions"}
    assert "tokenvault_client.bulk.sending" not in imports(ROOT / "bulklib" / "files.py")
    knowing = {source.stem for source in BULK if "bulklib.export_vault" in imports(source)}
    assert knowing == {"export_functions"}


def test_development_tools_stay_out_of_the_package() -> None:
    """Nothing that goes into the zip imports the local stack or the tests."""
    for source in SOURCES:
        assert not [
            module for module in imports(source) if module.split(".")[0] in ("local", "tests", "moto")
        ]


@pytest.mark.parametrize("function", SERVES)
def test_a_function_imports_what_it_serves_and_no_more(function: str) -> None:
    """Where values come in, what opens records is not even loaded; and no cold start pays for maintenance,
    the archive, rotations or exports."""
    imported = _imported_by("import app", TOKENVAULT_FUNCTION=function)
    assert SERVES[function] <= imported
    others = set().union(*(SERVES[other] for other in SERVES.keys() - {function}))
    assert not imported & (SERVES_NO_ROUTE | others)
    assert not {module for module in imported if "export" in module}, "only where a client may export"


def test_no_garbage_is_searched_for_while_the_app_is_imported() -> None:
    """Importing makes none worth finding; afterwards it is searched for again, past what was imported."""
    count = "sum(each['collections'] for each in gc.get_stats())"
    show = f"""import gc; gc.collect(); before = {count}; import app
print({count} - before, gc.isenabled(), gc.get_freeze_count())"""
    shown = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=True)
    searches, enabled, frozen = shown.stdout.split()
    assert int(searches) <= 2  # where app.py itself is compiled; 100 and more without
    assert enabled == "True"
    assert int(frozen) > 10_000


@pytest.mark.parametrize(
    "source",
    [*SOURCES, *BULK, *sorted((ROOT / "local").rglob("*.py")), *sorted((ROOT / "clients").rglob("*.py"))],
    ids=lambda s: str(s.relative_to(ROOT)),
)
def test_no_file_hides_a_concept(source: Path) -> None:
    """A file over 300 lines holds something that is still unnamed."""
    assert len(source.read_text().splitlines()) <= 300

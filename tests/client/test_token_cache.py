"""Access tokens are shared by the processes of a user, in files that nobody else can read."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tokenvault_client import Client, Retries, Unauthenticated

from tests.client import tool
from tests.client.children import assert_types, ended, in_child
from tests.client.service import Service, problem


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is not there yet."""
    umask = os.umask(0o002)
    yield tmp_path / "a" / "cache"
    os.umask(umask)


def client(service: Service, folder: Path, **changes: str) -> Client:
    """A client with a cache, as a process of its own would make it."""
    return Client(service.settings(token_cache=str(folder), **changes), retries=Retries(attempts=1))


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def test_five_runs_of_the_tool_ask_once(service: Service, tmp_path: Path) -> None:
    """For each access token that is needed: one, or two for a client of both sides."""
    service.scopes = "vault/tokenize vault/read"
    environment = {**service.environment(), "HOME": str(tmp_path)}
    for _ in range(5):
        assert tool.run(environment, "types").code == 0
    assert len(service.asked) == 1
    cache = tmp_path / ".cache" / "tokenvault"
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(cache)] == [0o600]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    named = {**environment, "XDG_CACHE_HOME": str(tmp_path / "xdg")}
    assert tool.run(named, "types").code == 0
    assert len(files(tmp_path / "xdg" / "tokenvault")) == 1


@pytest.mark.parametrize("given", [{}, {"HOME": "/root", "TOKENVAULT_TOKEN_CACHE": ""}])
def test_without_a_home_or_where_it_is_switched_off_each_run_asks(
    service: Service, given: dict[str, str]
) -> None:
    """Nothing is written then."""
    service.scopes = "vault/read"
    for _ in range(2):
        assert tool.run({**service.environment(), **given}, "types").code == 0
    assert len(service.asked) == 2


def test_a_library_shares_them_only_if_told_to(service: Service, folder: Path) -> None:
    """By TOKENVAULT_TOKEN_CACHE."""
    service.scopes = "vault/read"
    for _ in range(2):
        Client.from_env(service.environment()).types()
    assert len(service.asked) == 2
    for _ in range(2):
        Client.from_env({**service.environment(), "TOKENVAULT_TOKEN_CACHE": str(folder)}).types()
    assert len(service.asked) == 3


def test_both_sides_have_their_own(service: Service, folder: Path) -> None:
    """And the one with all scopes is never sent, from wherever it comes."""
    for _ in range(3):
        made = client(service, folder)
        made.facts("ab")
        made.detokenize(["ab"])
    assert len(service.asked) == 3
    assert len({seen.access_token for seen in service.seen}) == 2


def test_processes_that_start_together_ask_once(service: Service, folder: Path) -> None:
    """The others wait for the one that asks."""
    service.scopes = "vault/read"
    children = [in_child(lambda: assert_types(client(service, folder))) for _ in range(6)]
    assert [ended(child) for child in children] == [0] * 6
    assert len(service.asked) == 1


def test_another_secret_finds_nothing(service: Service, folder: Path) -> None:
    """A client that has the wrong secret is refused, as without a cache."""
    service.scopes = "vault/read"
    client(service, folder).types()
    client(service, folder, client_secret="another").types()
    client(service, folder, client_id="another").types()
    assert len(service.asked) == 3
    assert all("a-secret" not in path.name + path.read_text() for path in folder.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_not_used(service: Service, folder: Path, mode: int) -> None:
    """And is written anew, with the rights of a secret file."""
    service.scopes = "vault/read"
    client(service, folder).types()
    [file] = files(folder)
    file.chmod(mode)
    client(service, folder).types()
    assert len(service.asked) == 2
    assert stat.S_IMODE(files(folder)[0].stat().st_mode) == 0o600


def test_a_link_or_a_folder_that_others_write_to_is_not_used(service: Service, folder: Path) -> None:
    """What lies there may be somebody else's."""
    service.scopes = "vault/read"
    client(service, folder).types()
    [file] = files(folder)
    elsewhere = folder.parent / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    client(service, folder).types()
    assert len(service.asked) == 2
    folder.chmod(0o777)
    client(service, folder).types()
    assert len(service.asked) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"use_until": 0},
        {"use_until": 1e12},
        {"use_until": float("nan")},
        {"access_token": "two\nlines"},
        {"access_token": 5},
        {"scopes": 5},
    ],
    ids=str,
)
def test_what_is_over_or_makes_no_sense_is_not_used(
    service: Service, folder: Path, change: dict[str, object]
) -> None:
    """Expired, too good to be true, or not what we write."""
    service.scopes = "vault/read"
    client(service, folder).types()
    [file] = files(folder)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    client(service, folder).types()
    file.write_text("[" * 100_000)
    client(service, folder).types()
    assert len(service.asked) == 3


def test_a_refused_one_is_dropped_for_all(service: Service, folder: Path) -> None:
    """One that was revoked is asked for anew, once; the next process finds the new one."""
    service.scopes = "vault/read"
    client(service, folder).types()
    service.script.append(problem(401, "unauthenticated"))
    client(service, folder).types()
    client(service, folder).types()
    assert len(service.asked) == 2
    assert len({seen.access_token for seen in service.seen}) == 2
    service.script += [problem(401, "unauthenticated")] * 2
    with pytest.raises(Unauthenticated):
        client(service, folder).types()


def test_a_renewed_one_outlives_anothers_refusal(service: Service, folder: Path) -> None:
    """A process that holds an old one drops that, and not what another has had meanwhile."""
    service.scopes = "vault/read"
    first, second = client(service, folder), client(service, folder)
    first.types()
    second.types()
    service.script.append(problem(401, "unauthenticated"))
    first.types()
    service.script.append(problem(401, "unauthenticated"))
    second.types()
    assert len(service.asked) == 2


def test_a_cache_that_cannot_be_written_is_none(service: Service, tmp_path: Path) -> None:
    """A file stands in the place of the folder: everything works, and each process asks."""
    service.scopes = "vault/read"
    (tmp_path / "file").write_text("")
    for _ in range(2):
        client(service, tmp_path / "file" / "cache").types()
    assert len(service.asked) == 2

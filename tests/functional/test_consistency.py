"""What docs/consistency.md says of operations in two Regions, before and after all has arrived."""

import random
from functools import partial

import pytest

from chalicelib.errors import InvalidRequest, SubjectErased, TokenNotFound, TokenTaken
from chalicelib.model import TokenFacts
from chalicelib.service.rewrapper import Rewrapped
from chalicelib.service.walker import WRITERS_SECONDS
from chalicelib.vault.token_items import RECORD, parse_stored
from chalicelib.vault.tokens import Put, TokenKey, UnverifiedRecord
from tests.support.memory_store import MemoryStore
from tests.support.region_looks import made, seen
from tests.support.regions import TENANT, Region
from tests.support.replication import Network
from tests.support.token_stores import contents_of, item
from tests.support.vault_in_regions import Vault

TEXT = {"type": "text", "value": "1000"}
KNOWN = {"type": "known", "value": "1000"}
SHORT = {"type": "short", "value": "1000"}
KEY = "k" * 22
IMPORTED = "old_elsewher"


@pytest.fixture
def vault() -> Vault:
    return Vault(random.Random(0))


def both(vault: Vault, token: str) -> list[object]:
    return [seen(region, token) for region in vault.regions]


def version(region: Region, token: str) -> str:
    """The version that the record of a token names in a Region."""
    key = TokenKey(TENANT, token)
    stored = parse_stored({(key.partition, RECORD): region.vault[key.partition, RECORD]}, key)
    assert isinstance(stored, UnverifiedRecord)
    return stored.sealed.key_id


def move(vault: Vault, token: str) -> None:
    """Seals a record again in the first Region, under the next version."""
    assert vault.regions[0].rewrap(vault.versions[1], token).moved == 1


def test_random_tokens_of_two_regions_never_meet(vault: Vault) -> None:
    """Also in a space of a thousand places: each Region draws from slots of its own."""
    tokens = [made(region, SHORT) for region in vault.regions for _ in range(20)]
    assert len(set(tokens)) == 40
    vault.network.settle()
    assert [both(vault, token) for token in tokens] == [["1000", "1000"]] * 40


def test_one_value_has_one_token_in_both_regions(vault: Vault) -> None:
    """At the same moment, with nothing between them; it opens before and after either record arrives."""
    [token] = {made(region, KNOWN) for region in vault.regions}
    assert both(vault, token) == ["1000", "1000"]
    vault.network.settle()
    assert both(vault, token) == ["1000", "1000"]


def test_of_two_values_at_one_place_the_last_written_stays() -> None:
    """Both writes are acknowledged, since neither Region sees the other's: the one loss that is accepted."""
    network = Network(random.Random(0))
    stores = [MemoryStore(replica) for replica in network.table({"a": 0, "b": 0}).values()]
    for store, content in zip(stores, "ab", strict=True):
        assert store.add([item("1", content)]) == [Put.WRITTEN]
    network.settle()
    assert [contents_of(store, "1") for store in stores] == [["b"], ["b"]]


def test_of_one_token_imported_in_two_regions_the_last_written_stays(vault: Vault) -> None:
    """Both are acknowledged, since neither Region sees the other's: so one Region imports, not two."""
    for region, value in zip(vault.regions, ("1000", "2000"), strict=True):
        [result] = region.import_tokens([{**TEXT, "value": value, "token": IMPORTED}])
        assert isinstance(result, TokenFacts)
    vault.network.settle()
    assert both(vault, IMPORTED) in (["1000", "1000"], ["2000", "2000"])


def test_an_imported_token_erased_before_it_arrived_never_opens_there(vault: Vault) -> None:
    """Its pattern tells that it is one; once the erasure has arrived it opens nowhere."""
    vault.regions[0].import_tokens([{**TEXT, "token": IMPORTED}])
    vault.regions[1].erase(IMPORTED)
    assert both(vault, IMPORTED) == ["1000", "erased"]
    [again] = vault.regions[1].import_tokens([{**TEXT, "token": IMPORTED}])
    assert isinstance(again, TokenTaken)
    vault.network.settle()
    assert both(vault, IMPORTED) == ["erased", "erased"]


def test_a_replayed_import_does_not_undo_an_early_erasure(vault: Vault) -> None:
    """The tombstone has no mark, since its eraser had not seen the record: it passes for the request's."""
    items = [{**TEXT, "token": IMPORTED}]
    vault.regions[0].import_tokens(items, KEY)
    vault.regions[1].erase(IMPORTED)
    vault.network.settle()
    [result] = vault.regions[0].import_tokens(items, KEY)
    assert isinstance(result, TokenNotFound)


def test_a_refused_import_sent_again_takes_a_cleaned_up_token_for_its_own(vault: Vault) -> None:
    """Another's token is taken; what the clean-up of its subject leaves says no more whose it was."""
    region, items = vault.regions[0], [{**TEXT, "token": IMPORTED}]
    region.import_tokens([{**TEXT, "token": IMPORTED, "subject": "anna"}])
    [refused] = region.import_tokens(items, KEY)
    region.erase_subject("anna")
    vault.now += WRITERS_SECONDS
    region.clean()
    [again] = region.import_tokens(items, KEY)
    assert (type(refused), type(again)) == (TokenTaken, TokenNotFound)


def found(region: Region, value: dict[str, str]) -> object:
    """The token that a search of a Region finds for a value, or why it finds none."""
    [result] = region.search(value["type"], value["value"], value.get("subject"))
    return result.token if isinstance(result, TokenFacts) else getattr(result, "reason", result)


def test_a_search_finds_a_value_once_its_record_arrives(vault: Vault) -> None:
    """Where it was taken in, at once; it makes no token where it finds none."""
    token = made(vault.regions[0], KNOWN)
    assert [found(region, KNOWN) for region in vault.regions] == [token, "unknown"]
    assert not vault.regions[1].vault
    vault.network.settle()
    assert [found(region, KNOWN) for region in vault.regions] == [token, token]


@pytest.mark.parametrize("erased", ["token", "subject"])
def test_a_search_finds_what_was_erased_elsewhere_until_that_arrives(vault: Vault, erased: str) -> None:
    """Where it was erased, no more from then on."""
    here, there = vault.regions
    owned = {**KNOWN, "subject": "anna"}
    token = made(here, owned)
    vault.network.settle()
    if erased == "token":
        there.erase(token)
    else:
        there.erase_subject("anna")
    assert found(here, owned) == token
    assert found(there, owned) in ("unknown", "erased")
    vault.network.settle()
    assert {found(region, owned) for region in vault.regions} <= {"unknown", "erased"}


def test_a_token_is_unknown_until_it_arrives(vault: Vault) -> None:
    """Where it was made, it opens at once."""
    token = made(vault.regions[0], TEXT)
    assert both(vault, token) == ["1000", "unknown"]
    vault.network.settle()
    assert both(vault, token) == ["1000", "1000"]


def test_a_token_erased_elsewhere_opens_until_that_arrives(vault: Vault) -> None:
    """Where it was erased, it is closed at once."""
    token = made(vault.regions[0], TEXT)
    vault.network.settle()
    vault.regions[1].erase(token)
    assert both(vault, token) == ["1000", "erased"]
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]


@pytest.mark.parametrize("given", [TEXT, KNOWN, SHORT], ids=lambda given: given["type"])
def test_a_token_erased_before_it_arrived_never_opens_there(vault: Vault, given: dict[str, str]) -> None:
    """And nowhere once the erasure has arrived."""
    token = made(vault.regions[0], given)
    vault.regions[1].erase(token)
    assert both(vault, token) == ["1000", "erased"]
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]


def test_a_value_keeps_its_erased_token_until_that_arrives(vault: Vault) -> None:
    """Then it takes its next place, in both Regions the same."""
    token = made(vault.regions[0], KNOWN)
    vault.network.settle()
    vault.regions[1].erase(token)
    assert made(vault.regions[0], KNOWN) == token
    again = made(vault.regions[1], KNOWN)
    vault.network.settle()
    assert [made(region, KNOWN) for region in vault.regions] == [again, again]
    assert again != token


@pytest.mark.parametrize("given", [TEXT, KNOWN, SHORT], ids=lambda given: given["type"])
def test_a_replay_makes_no_other_token_after_an_early_erasure(vault: Vault, given: dict[str, str]) -> None:
    """The tombstone from the other Region has replaced the record, with the mark of its request."""
    token = made(vault.regions[0], given, KEY)
    vault.now += 5
    vault.regions[1].erase(token)
    vault.network.settle()
    [result] = vault.regions[0].tokenize([given], KEY)
    assert isinstance(result, TokenNotFound)


def test_a_request_sent_again_to_the_other_region_is_a_new_one(vault: Vault) -> None:
    """Its key is not replicated: a random value gets a second token, a deterministic one its own."""
    random_tokens = [made(region, TEXT, KEY) for region in vault.regions]
    assert len(set(random_tokens)) == 2
    assert len({made(region, KNOWN, "l" * 22) for region in vault.regions}) == 1


def test_a_token_that_both_regions_erase_is_erased(vault: Vault) -> None:
    """The time of the later one stands."""
    token = made(vault.regions[0], TEXT)
    vault.network.settle()
    for region in vault.regions:
        region.erase(token)
        vault.now += 60
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]
    markers = {region.vault[f"shop#{token}", "erased"]["at"]["N"] for region in vault.regions}
    assert markers == {str(int(vault.now) - 60)}


def test_two_secrets_of_one_subject_both_open(vault: Vault) -> None:
    """Each Region made one; each record names its own."""
    owned = {**TEXT, "subject": "p1"}
    tokens = [made(region, owned) for region in vault.regions]
    vault.network.settle()
    assert [both(vault, token) for token in tokens] == [["1000", "1000"]] * 2


def test_what_was_taken_in_for_a_subject_erased_elsewhere_is_closed(vault: Vault) -> None:
    """Acknowledged, and dead once the marker arrives; the clean-up destroys the secret made meanwhile."""
    vault.regions[1].erase_subject("p1")
    token = made(vault.regions[0], {**TEXT, "subject": "p1"})
    assert both(vault, token) == ["1000", "unknown"]
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]
    [result] = vault.regions[0].tokenize([{**TEXT, "subject": "p1"}])
    assert isinstance(result, SubjectErased)
    vault.regions[1].clean()
    vault.network.settle()
    left = [sort for region in vault.regions for _, sort in region.subjects if sort.startswith("secret#")]
    assert left == []
    assert [region.vault[f"shop#{token}", "record"].keys() for region in vault.regions] == [
        {"pk", "sk", "erased"}
    ] * 2


def test_a_subject_erased_elsewhere_opens_until_the_marker_arrives(vault: Vault) -> None:
    """Where it was erased, everything of it is closed at once."""
    token = made(vault.regions[0], {**TEXT, "subject": "p1"})
    vault.network.settle()
    vault.regions[1].erase_subject("p1")
    assert both(vault, token) == ["1000", "erased"]
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]


def test_what_arrives_after_the_clean_up_is_closed_and_its_secret_stays(vault: Vault) -> None:
    """After an outage longer than the clean-up waits: nothing opens, and asked again it is destroyed."""
    token = made(vault.regions[0], {**TEXT, "subject": "p1"})
    vault.regions[1].erase_subject("p1")
    vault.now += 1000
    vault.regions[1].clean()
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]
    assert any(sort.startswith("secret#") for _, sort in vault.regions[1].subjects)
    vault.regions[1].erase_subject("p1")
    vault.network.settle()
    for region in vault.regions:
        assert not any(sort.startswith("secret#") for _, sort in region.subjects)


def test_a_record_that_both_regions_seal_again_opens(vault: Vault) -> None:
    """Under whichever version it was sealed last, and meanwhile under different ones."""
    tokens = [made(vault.regions[0], given) for given in (TEXT, KNOWN, SHORT)]
    vault.network.settle()
    _, next_one, newest = vault.versions
    assert vault.regions[0].rewrap(next_one, *tokens).moved == 3
    assert vault.regions[1].rewrap(next_one, *tokens).moved == 3
    assert vault.regions[1].rewrap(newest, *tokens).moved == 3
    assert [both(vault, token) for token in tokens] == [["1000", "1000"]] * 3
    vault.network.settle()
    assert [both(vault, token) for token in tokens] == [["1000", "1000"]] * 3
    assert {version(region, token) for region in vault.regions for token in tokens} == {newest}


def test_no_record_goes_back_to_an_older_version(vault: Vault) -> None:
    """A Region whose walk began before the last rotation passes over what the other one moved."""
    token = made(vault.regions[0], TEXT)
    vault.network.settle()
    oldest, next_one, newest = vault.versions
    assert vault.regions[0].rewrap(newest, token).moved == 1
    vault.network.settle()
    for key_id in (oldest, next_one, newest):
        assert vault.regions[1].rewrap(key_id, token) == Rewrapped(passed=1)
    assert {version(region, token) for region in vault.regions} == {newest}


def test_nothing_is_moved_to_a_version_that_the_other_region_retired(vault: Vault) -> None:
    """The walk that goes on there has begun before; its containers hold the version, and read anew whether
    it is retired."""
    first, second = (made(vault.regions[0], TEXT) for _ in range(2))
    vault.network.settle()
    _, next_one, _ = vault.versions
    assert vault.regions[1].rewrap(next_one, first).moved == 1
    keys = vault.regions[0].keys
    [retiring] = [each for each in keys.tenant_keys(TENANT).versions if each.key_id == next_one]
    keys.set_retired(retiring, int(vault.now))
    vault.network.settle()
    with pytest.raises(InvalidRequest, match="retired; begin again"):
        vault.regions[1].rewrap(next_one, second)


def test_a_page_that_waited_too_long_is_not_sealed_again(vault: Vault) -> None:
    """By then the other Region may have counted, and retired the version that the page was for."""
    first, second = (made(vault.regions[0], TEXT) for _ in range(2))
    vault.network.settle()
    _, next_one, _ = vault.versions
    assert vault.regions[1].rewrap(next_one, first, waited=WRITERS_SECONDS).moved == 1
    with pytest.raises(InvalidRequest, match="waited too long; begin again"):
        vault.regions[1].rewrap(next_one, second, waited=WRITERS_SECONDS + 1)
    assert version(vault.regions[1], second) == vault.versions[0]


def test_an_erasure_elsewhere_wins_over_a_record_sealed_again(vault: Vault) -> None:
    """Whichever came first: its marker stays, and the record below it opens nowhere."""
    for given, erased_first in ((TEXT, True), (KNOWN, False)):
        token = made(vault.regions[0], given)
        vault.network.settle()
        steps = [partial(vault.regions[1].erase, token), partial(move, vault, token)]
        for step in steps if erased_first else reversed(steps):
            step()
        vault.network.settle()
        assert both(vault, token) == ["erased", "erased"]


def test_a_record_of_a_subject_erased_elsewhere_is_closed_though_sealed_again(vault: Vault) -> None:
    """It needs the secret that was destroyed, as before; the clean-up takes it away."""
    token = made(vault.regions[0], {**TEXT, "subject": "p1"})
    vault.network.settle()
    vault.regions[1].erase_subject("p1")
    vault.regions[1].clean()
    move(vault, token)
    vault.network.settle()
    assert both(vault, token) == ["erased", "erased"]
    vault.regions[1].clean()
    vault.network.settle()
    assert "value" not in vault.regions[0].vault[f"shop#{token}", RECORD]

from pathlib import Path
from types import SimpleNamespace

import pytest

from local.emulator import MOTO_VERSION, SERVICES, WrongMotoVersionError, install, require_pinned, services
from local.emulator.patching import Extra, PatchError, add, patches, wrap


def test_installing_twice_patches_once():
    """A second install leaves every patch as the first one made it."""
    install()
    once = patches()
    install()
    assert patches() == once


def test_every_service_file_is_installed():
    """No file of a service is forgotten in the list that install goes through."""
    files = {path.stem for path in Path(services.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(SERVICES)


def test_every_patch_says_why_and_on_which_version():
    """Each patch has a reason and the moto version on which the gap was seen."""
    install()
    assert patches()
    assert all(patch.why and patch.seen_on == MOTO_VERSION for patch in patches())


def test_another_moto_is_refused_readably():
    """Whoever has another moto reads what was found, what is wanted and how to get it."""
    with pytest.raises(
        WrongMotoVersionError, match=rf"found 5\.3\.0.*pip install 'moto\[server\]=={MOTO_VERSION}'"
    ):
        require_pinned("5.3.0")


def test_wrapping_what_is_gone_fails():
    """A patch of something that moto no longer has fails at once and says why it was written."""
    with pytest.raises(PatchError, match="because of the gap"):
        wrap(SimpleNamespace(__name__="moto.thing"), "gone", why="because of the gap", seen_on="5.2.5")


def test_adding_what_is_there_fails():
    """A patch for a gap that moto closed fails at once instead of hiding moto's own answer."""
    with pytest.raises(PatchError, match=r"moto has moto\.thing\.there now"):
        add(
            SimpleNamespace(__name__="moto.thing", there=1),
            "there",
            why="because of the gap",
            seen_on="5.2.5",
        )


def test_an_extra_fact_lives_with_its_object():
    """A fact that was put on one object is not seen on another."""
    fact = Extra[list[int]]("fact", list)
    one, other = SimpleNamespace(), SimpleNamespace()
    fact.of(one).append(1)
    assert fact.of(one) == [1]
    assert fact.of(other) == []

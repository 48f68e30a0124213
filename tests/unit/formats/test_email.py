"""E-mail addresses in particular: which are taken, and what folding does."""

import pytest

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat


def emails(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("email", "contact", options)


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.Lovelace+news@Example.COM", "Ada.Lovelace+news@example.com"),
        ("!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"),
        ("ada@a-b.c--d.example", "ada@a-b.c--d.example"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("zoe\u0308@example.com", "zoë@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("ada@" + "a" * 63 + ".example", "ada@" + "a" * 63 + ".example"),
        ("ada@127.0.0.1.example", "ada@127.0.0.1.example"),
    ],
)
def test_addresses_have_one_spelling(spelled: str, canonical: str) -> None:
    """The domain is folded and in A-labels, the local part composed and otherwise as it was."""
    assert emails().canonicalize(spelled) == canonical


@pytest.mark.parametrize("name", ["postmaster", "abuse", "hostmaster", "info", "security", "webmaster"])
def test_mailboxes_of_roles_have_no_case(name: str) -> None:
    """RFC 2142, section 2, and RFC 5321, 4.5.1, whatever the policy says of other local parts; with dots or
    tags they are other mailboxes."""
    spellings = (name, name.upper(), name.capitalize())
    assert {emails().canonicalize(f"{spelled}@example.com") for spelled in spellings} == {
        f"{name}@example.com"
    }
    for other in (f"{name.upper()}.X", f"{name.upper()}+x"):
        assert emails().canonicalize(f"{other}@example.com") == f"{other}@example.com"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@example.com.",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam_ple.com",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@example.invalid",
        "ada@EXAMPLE.\uff29\uff2e\uff36\uff21\uff2c\uff29\uff24",
        '"ada"@example.com',
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada lovelace@example.com",
        "Ada <ada@example.com>",
        "ada@exa\nmple.com",
        "ada\u200b@example.com",
        "ada\u202e@example.com",
        "a(comment)da@example.com",
        "ada@ex\u00a0ample.com",
        "ada@☃\u200d.example",
        "a" * 65 + "@example.com",
        "é" * 33 + "@example.com",
        "ada@" + "a" * 64 + ".example",
        "ada@" + "a." * 130 + "example",
        "ada@\ud800.example",
    ],
)
def test_other_text_is_refused(value: str) -> None:
    """What is no address, or one of the forms that no provider gives out, or is nobody's."""
    with pytest.raises(InvalidValue):
        emails().canonicalize(value)


def test_folding_is_the_policys_choice() -> None:
    """Of A-Z only: Greek and Turkish letters do not fold one to one."""
    assert emails(fold_local=True).canonicalize("Ada@example.com") == "ada@example.com"
    assert emails(fold_local=True).canonicalize("ΑΣ@example.com") == "ΑΣ@example.com"
    assert emails().canonicalize("Ada@example.com") == "Ada@example.com"


def test_a_kelvin_sign_is_a_k() -> None:
    """NFC makes ASCII of it, and what it makes is folded and looked at too."""
    assert emails(fold_local=True).canonicalize("\u212a@example.com") == "k@example.com"
    with pytest.raises(InvalidValue):
        emails().canonicalize("a\u037eb@example.com")


def test_the_mask_shows_the_domain_or_nothing() -> None:
    """Nothing of the local part, not even its length."""
    assert emails().mask("ada@example.com") == "********@example.com"
    assert emails(mask_domain=False).mask("ada@example.com") == "********"


def test_a_token_is_an_address_of_nobody() -> None:
    """It passes for an address with whatever checks them, and mail to it never leaves."""
    token = emails().space("ada@example.com").token_at(2**130 - 1)
    local, _, domain = token.partition("@")
    assert domain == "token.invalid"
    assert len(local) == 34
    assert local.isalnum()

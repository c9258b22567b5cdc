import pytest

from services.notify.recipients.allow_list import AllowList, normal_form
from services.notify.recipients.errors import AllowListEntryInvalid, EmailAddressInvalid

LISTED = AllowList.of(
    [
        "0171 3920012",
        "Anna.Muster@Example.org",
        "Anna Muster, Kaiserallee 8, 76133 Karlsruhe",
        "E0E02494-eca2-4a6b-9320-fc527747878c",
    ]
)


@pytest.mark.parametrize(
    "recipient",
    [
        "+491713920012",
        "0049 (0)171 392-0012",
        "anna.muster@example.org",
        " ANNA.MUSTER@EXAMPLE.ORG\n",
        "Anna Muster\nKaiserallee 8\n76133 Karlsruhe",
        " e0e02494-ECA2-4a6b-9320-fc527747878c ",
        "ANNA  MUSTER\nkaiserallee 8\nD-76133 Karlsruhe\nGermany",
    ],
)
def test_whoever_is_listed_is_sent_to_however_they_are_written(recipient: str) -> None:
    assert LISTED.allows(recipient)


@pytest.mark.parametrize(
    "recipient",
    [
        "+491713920013",
        "anna.muster@example.com",
        "nna.muster@example.org",
        "anna.muster@example.org, berta@example.org",
        "Anna Muster\nKaiserallee 88\n76133 Karlsruhe",
        "49 171 3920012",
        "e0e02494-eca2-4a6b-9320-fc527747878d",
        "e0e02494eca24a6b9320fc527747878c",
        "",
        "Anna Muster",
    ],
)
def test_nobody_else_is_sent_to(recipient: str) -> None:
    assert not LISTED.allows(recipient)


def test_an_empty_list_lets_nobody_pass() -> None:
    assert not AllowList.of([]).allows("+491713920012")


@pytest.mark.parametrize("entry", ["0171", "anna@", "Anna Muster", "49 171 3920012", ""])
def test_an_entry_that_is_no_recipient_is_refused_by_its_position(entry: str) -> None:
    with pytest.raises(AllowListEntryInvalid, match="entry 2 ") as refusal:
        AllowList.of(["anna@example.org", entry])

    assert not entry or entry not in str(refusal.value)


def test_a_list_is_not_printed() -> None:
    assert "3920012" not in repr(LISTED)
    assert "nna" not in repr(LISTED)


def test_numbers_without_a_country_code_belong_to_the_region_of_the_list() -> None:
    british = AllowList.of(["07723 456789"], "GB")

    assert british.allows("+44 7723 456789")
    assert british.allows("07723 456789")


def test_what_looks_like_an_address_but_is_none_is_refused() -> None:
    with pytest.raises(EmailAddressInvalid):
        normal_form("anna@@example.org")

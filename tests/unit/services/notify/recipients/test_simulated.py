import pytest
from pydantic import TypeAdapter

from services.notify.recipients import mailbox
from services.notify.recipients.phone import read_for_sms
from services.notify.recipients.simulated import DOMAINS, MAILBOXES, NUMBERS, Ending, ending_of
from shared.contacts.contact import EmailAddress


@pytest.mark.parametrize(
    ("written", "ending"),
    [
        ("0152 28817386", Ending.DELIVERED),
        ("0172 9980752", Ending.BOUNCED),
        ("0152 54599371", Ending.DEFERRED),
        ("0172 9968532", Ending.SILENT),
        ("0171 3920012", None),
    ],
)
def test_numbers_of_films_stand_for_an_ending(written: str, ending: Ending | None) -> None:
    assert ending_of(read_for_sms(written).e164.reveal()) is ending


@pytest.mark.parametrize(
    ("address", "ending"),
    [
        ("anna@delivered.test", Ending.DELIVERED),
        ("Anna.Muster@Bounced.TEST", Ending.BOUNCED),
        ("a@deferred.test", Ending.DEFERRED),
        ("a@silent.test", Ending.SILENT),
        ("a@example.org", None),
        ("bounced.test@example.org", None),
        ("a@notbounced.test", None),
        ("a@bounced.test.example.org", None),
    ],
)
def test_domains_for_tests_stand_for_an_ending(address: str, ending: Ending | None) -> None:
    assert ending_of(address) is ending


def test_every_ending_can_be_had_on_every_way() -> None:
    for ways in (NUMBERS, DOMAINS, MAILBOXES):
        assert set(ways.values()) == set(Ending)


@pytest.mark.parametrize("handle", MAILBOXES)
def test_a_simulated_mailbox_is_one_that_a_contact_may_have(handle: str) -> None:
    assert ending_of(mailbox.read(handle.upper()).reveal()) is MAILBOXES[handle]


def test_a_simulated_address_is_one_that_a_contact_may_have() -> None:
    for domain in DOMAINS:
        TypeAdapter[str](EmailAddress).validate_python(f"anna@{domain}")

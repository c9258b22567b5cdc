"""Messages go to a representative in the person's place, and to whom the person wants told."""

from services.notify.recipients.addressees import Addressee, NamedParty, addressees
from shared.contacts.party import Capacity

ANNA, BERTA = "contact-" + "a" * 26, "contact-" + "b" * 26
LAWYER, SISTER = "contact-" + "l" * 26, "contact-" + "s" * 26
REPRESENTED, TOLD_TOO = Capacity.REPRESENTATIVE, Capacity.ADDITIONAL


def named(by: str, who: str, capacity: Capacity, *, copied: bool = False) -> NamedParty:
    return NamedParty(by, who, capacity, copied)


def test_without_anybody_named_the_person_is_told() -> None:
    assert addressees(ANNA, ()) == (Addressee(ANNA),)
    assert addressees(None, ()) == (Addressee(None),)


def test_a_representative_is_told_in_the_person_s_place() -> None:
    assert addressees(ANNA, [named(ANNA, LAWYER, REPRESENTED)]) == (Addressee(LAWYER, REPRESENTED),)


def test_the_person_gets_a_copy_where_that_was_asked_for() -> None:
    parties = [named(ANNA, LAWYER, REPRESENTED, copied=True)]

    assert addressees(ANNA, parties) == (Addressee(ANNA), Addressee(LAWYER, REPRESENTED))


def test_who_is_told_besides_takes_nobody_s_place() -> None:
    parties = [named(ANNA, SISTER, TOLD_TOO)]
    both = [named(ANNA, LAWYER, REPRESENTED), *parties]

    assert addressees(ANNA, parties) == (Addressee(ANNA), Addressee(SISTER, TOLD_TOO))
    assert addressees(ANNA, both) == (Addressee(LAWYER, REPRESENTED), Addressee(SISTER, TOLD_TOO))


def test_nobody_else_can_turn_a_case_s_messages_to_somebody() -> None:
    assert addressees(ANNA, [named(BERTA, LAWYER, REPRESENTED)]) == (Addressee(ANNA),)
    assert addressees(None, [named(BERTA, LAWYER, REPRESENTED)]) == (Addressee(None),)

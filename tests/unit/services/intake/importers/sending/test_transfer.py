"""Sending a log and counting the answers."""

import asyncio
from collections.abc import Iterable, Iterator
from io import BytesIO

import pytest

from services.intake.client import IntakeUnavailable
from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.sending.fate import Fate, Tally
from services.intake.importers.sending.report import as_object
from services.intake.importers.sending.transfer import Transfer
from services.intake.importers.translation.translation import Translation, Translator
from services.intake.outcome import (
    BATCH_LIMIT,
)
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.ledger import Ledger
from tests.unit.services.intake.importers.samples import CSV, mapping

KEY = Pseudonymiser(b"k" * 32)


def translations(text: str = CSV) -> Iterator[Translation]:
    return map(Translator(mapping(), KEY).translate, read_csv(BytesIO(text.encode())))


def transfer(ledger: Ledger, steps: Iterable[Translation] | None = None) -> Tally:
    tally = Tally()
    asyncio.run(
        Transfer(ledger, tally).run(
            mapping(), "its keys", translations() if steps is None else steps
        )
    )
    return tally


def fates(tally: Tally) -> dict[str, int]:
    return {fate.value: tally.total(fate) for fate in Fate}


def test_the_fates_add_up_to_the_events_read_and_what_is_derived_is_apart() -> None:
    tally = transfer(Ledger())

    assert fates(tally) == {"accepted": 5, "duplicate": 0, "changed": 0, "ignored": 2, "refused": 2}
    assert tally.events == 9
    assert tally.derived == {Fate.ACCEPTED: 2}
    assert tally.reasons == {"undecided: no mapping": 1, "unheard of: no mapping": 1}
    assert tally.rules == {"check: inside the authority": 2}


def test_a_second_run_sends_the_same_and_changes_nothing() -> None:
    ledger = Ledger()
    transfer(ledger)
    before = list(ledger.events)

    tally = transfer(ledger)

    assert ledger.events == before
    assert fates(tally) == {"accepted": 0, "duplicate": 5, "changed": 0, "ignored": 2, "refused": 2}
    assert tally.derived == {Fate.DUPLICATE: 2}


def test_events_arrive_in_the_order_of_the_log_each_case_after_its_start() -> None:
    ledger = Ledger()
    transfer(ledger)

    first_case = ledger.events[0].subject
    assert [event.type for event in ledger.events if event.subject == first_case] == [
        "gleichfall.application.received.v1",
        "gleichfall.decision.made.v1",
        "gleichfall.decision.notified.v1",
        "gleichfall.appeal.lodged.v1",
        "gleichfall.appeal.decided.v1",
    ]


def test_recipients_are_registered_once_per_case() -> None:
    ledger = Ledger()
    transfer(ledger)

    assert len({contact.contact_ref for contact in ledger.contacts}) == len(ledger.contacts) == 2


def test_what_intake_refuses_is_counted_with_its_reason() -> None:
    tally = transfer(Ledger(refuse="gleichfall.decision.made.v1"))

    assert tally.refused_by_intake == 2
    assert tally.reasons["decide: intake: data_invalid (data.unit is unknown here)"] == 2
    assert sum(fates(tally).values()) == tally.events == 9


def test_a_batch_never_exceeds_what_intake_takes() -> None:
    header, row = CSV.splitlines()[0], ",decide,2025-03-31,2025-03-30,Meyer,Desk,46,no,A,31"
    text = "\n".join([header, *(f"P{number}{row}" for number in range(1_200))]) + "\n"
    ledger = Ledger()

    tally = transfer(ledger, translations(text))

    assert tally.total(Fate.ACCEPTED) == 1_200
    assert len(ledger.events) == 2_400
    assert ledger.largest == BATCH_LIMIT


def test_what_was_read_before_the_damage_is_sent() -> None:
    ledger, tally = Ledger(), Tally()

    def broken() -> Iterator[Translation]:
        yield from translations()
        raise LogBroken("the data end in the middle")

    with pytest.raises(LogBroken):
        asyncio.run(Transfer(ledger, tally).run(mapping(), "its keys", broken()))

    assert tally.events == 9
    assert len(ledger.events) == 7


def test_when_intake_stays_away_the_numbers_still_add_up() -> None:
    tally = Tally()

    run = Transfer(Ledger(leave_after=0), tally).run(mapping(), "its keys", translations())

    with pytest.raises(IntakeUnavailable):
        asyncio.run(run)

    assert tally.events == 9
    assert fates(tally) == {"accepted": 0, "duplicate": 0, "changed": 0, "ignored": 2, "refused": 7}
    assert tally.reasons["decide: not confirmed by intake; run again"] == 2


def test_the_json_object_has_the_numbers_in_total_and_per_activity() -> None:
    tally = transfer(Ledger())
    tally.cases = 2

    numbers = as_object(tally, mapping="parking-permits", dry_run=False)

    assert {name: numbers[name] for name in ("cases", "events", "accepted", "refused")} == {
        "cases": 2,
        "events": 9,
        "accepted": 5,
        "refused": 2,
    }
    assert numbers["derived"] == {"accepted": 2, "duplicate": 0, "changed": 0, "refused": 0}
    assert numbers["activities"]["decide"] == {
        "events": 2,
        "accepted": 2,
        "duplicate": 0,
        "changed": 0,
        "ignored": 0,
        "refused": 0,
    }

"""A case counts once, whoever else is told about it."""

from services.intake.outcome import BatchOutcome
from services.intake.simulation.batch import Batch
from services.intake.simulation.story import Item
from services.intake.simulation.tally import Tally
from shared.contacts.contact import Contact
from tests.unit.services.intake.simulation.conftest import Play


def test_representatives_are_no_cases(play: Play) -> None:
    stream: list[Item] = play(1)
    batch = Batch()
    for item in stream:
        batch.add(item)
    tally = Tally()

    tally.add(batch, BatchOutcome(receipts=(), errors=()))

    people = [one for one in stream if isinstance(one, Contact)]
    others = {party.contact_ref for one in people for party in one.parties}
    assert others
    assert tally.cases == len(people) - len(others)

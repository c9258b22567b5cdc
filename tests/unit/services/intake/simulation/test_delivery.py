"""How the stream is cut and delivered."""

from io import BytesIO

from services.intake.outcome import BATCH_LIMIT, BatchOutcome
from services.intake.simulation.batch import Batch, batches
from services.intake.simulation.delivery import ToFile, deliver
from services.intake.simulation.story import Item
from shared.contacts.contact import Contact
from shared.events.event import Event, encode
from shared.events.json_format import to_document


class Recorder:
    """Keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Batch] = []

    async def take(self, batch: Batch) -> BatchOutcome:
        self.taken.append(batch)
        return BatchOutcome()


def test_batches_are_never_larger_than_intake_takes(eight_weeks: list[Item]) -> None:
    for batch in batches(eight_weeks):
        assert len(batch.events) <= BATCH_LIMIT
        assert len(batch.contacts) <= BATCH_LIMIT


def test_nothing_is_lost_or_reordered_by_cutting(eight_weeks: list[Item]) -> None:
    documents = [document for batch in batches(eight_weeks) for document in batch.events]
    assert documents == [
        to_document(encode(item)) for item in eight_weeks if isinstance(item, Event)
    ]


async def test_batches_are_delivered_one_after_the_other(eight_weeks: list[Item]) -> None:
    recorder, reported = Recorder(), list[Batch]()
    await deliver(batches(eight_weeks), recorder, lambda batch, _: reported.append(batch))
    assert [batch.events for batch in recorder.taken] == [
        batch.events for batch in batches(eight_weeks)
    ]
    assert reported == recorder.taken


async def test_a_file_holds_one_event_per_line_and_no_contact(eight_weeks: list[Item]) -> None:
    file = BytesIO()
    await deliver(batches(eight_weeks), ToFile(file), lambda *_: None)
    lines = file.getvalue().splitlines()
    assert len(lines) == sum(isinstance(item, Event) for item in eight_weeks)
    for item in eight_weeks:
        if isinstance(item, Contact) and item.phone is not None:
            assert item.phone.reveal().encode() not in file.getvalue()
            break

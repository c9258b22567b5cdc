"""The stream cut into what intake takes in one request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.outcome import BATCH_LIMIT
from services.intake.simulation.story import Item
from services.intake.simulation.truth import TrueDecision
from shared.contacts.contact import Contact
from shared.events.event import encode
from shared.events.json_format import to_document


@dataclass(slots=True)
class Batch:
    """Consecutive items, sorted by where they go; contacts are handed over first."""

    contacts: list[Contact] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    truths: list[bytes] = field(default_factory=list)
    until: datetime | None = None

    def add(self, item: Item) -> None:
        """Put an item where it belongs."""
        if isinstance(item, Contact):
            self.contacts.append(item)
        elif isinstance(item, TrueDecision):
            self.truths.append(item.line())
        else:
            self.events.append(to_document(encode(item)))
            self.until = item.time

    @property
    def full(self) -> bool:
        """Whether intake would take no more in one request."""
        return max(len(self.events), len(self.contacts)) >= BATCH_LIMIT


def batches(items: Iterable[Item]) -> Iterator[Batch]:
    """Cut a stream into full batches and a last one."""
    batch = Batch()
    for item in items:
        if batch.full:
            yield batch
            batch = Batch()
        batch.add(item)
    if batch.events or batch.contacts:
        yield batch

"""An intake in memory, with intake's own rules for what it knows already."""

from collections import Counter
from collections.abc import Sequence

from services.intake.client import IntakeRefused, IntakeUnavailable
from services.intake.errors import KeysWouldChange
from services.intake.fingerprint import fingerprint
from services.intake.imported_logs import Announcement, Noted, compare
from services.intake.outcome import (
    BatchOutcome,
    KnownLog,
    Receipt,
    ReceiptStatus,
    Refusal,
    SentEvent,
    WrongField,
)
from shared.contacts.contact import Contact
from shared.events.envelope import CloudEvent
from shared.events.errors import Defect
from shared.events.event import decode

AT_ONCE = 2
"""How many events of a log are told at once."""


class Ledger:
    """Remembers events and keys, refuses the events of one type and may go away."""

    def __init__(self, refuse: str = "", leave_after: int = 1_000_000) -> None:
        self.events: list[CloudEvent] = []
        self.contacts: list[Contact] = []
        self.largest = 0
        self._noted: dict[str, Noted] = {}
        self._prints: dict[str, bytes] = {}
        self._refuse = refuse
        self._batches_left = leave_after

    def of_type(self, name: str) -> list[CloudEvent]:
        """The events it took of a type."""
        return [event for event in self.events if event.type == f"gleichfall.{name}.v1"]

    async def begin_import(self, source: str, keys: str, mapping: str) -> KnownLog:
        announcement = Announcement(source=source, keys=keys, mapping=mapping)
        counts = Counter(event.type for event in self.events if event.source == source)
        try:
            known = compare(announcement, self._noted.get(source), counts)
        except KeysWouldChange as error:
            raise IntakeRefused(str(error)) from None
        self._noted[source] = Noted(keys, mapping)
        return KnownLog(events=dict(known.events), same_mapping=known.same_mapping)

    async def sent_events(self, source: str, after: str) -> list[SentEvent]:
        mine = [
            SentEvent(id=one.id, type=one.type, subject=one.subject or "", sequence=place)
            for place, one in enumerate(self.events, start=1)
            if one.source == source and one.id > after
        ]
        return sorted(mine, key=lambda one: one.id)[:AT_ONCE]

    async def send_contacts(self, contacts: Sequence[Contact]) -> None:
        self.contacts.extend(contacts)

    async def send_events(self, events: Sequence[CloudEvent]) -> BatchOutcome:
        if self._batches_left == 0:
            raise IntakeUnavailable("away")
        self._batches_left -= 1
        self.largest = max(self.largest, len(events))
        receipts: list[Receipt] = []
        errors: list[Refusal] = []
        for index, event in enumerate(events):
            answer = self._take(index, event)
            receipts.extend([answer] if isinstance(answer, Receipt) else [])
            errors.extend([answer] if isinstance(answer, Refusal) else [])
        return BatchOutcome(receipts=tuple(receipts), errors=tuple(errors))

    def _take(self, index: int, event: CloudEvent) -> Receipt | Refusal:
        if event.type == self._refuse:
            field = WrongField(field="data.unit", reason="is unknown here")
            return Refusal(index=index, defect="data_invalid", fields=(field,))
        now = fingerprint(decode(event))
        before = self._prints.setdefault(event.id, now)
        if before != now:
            return Refusal(index=index, id=event.id, defect=Defect.ID_REUSED)
        known = any(event.id == one.id for one in self.events)
        if not known:
            self.events.append(event)
        status = ReceiptStatus.DUPLICATE if known else ReceiptStatus.ACCEPTED
        return Receipt(id=event.id, source=event.source, sequence=1, status=status)

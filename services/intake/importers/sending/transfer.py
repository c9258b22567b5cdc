"""Sends what a log was translated into, in batches, and counts the answers."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.intake.importers.errors import LogBroken
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.sending.comparison import Comparison
from services.intake.importers.sending.fate import Fate, Tally
from services.intake.importers.sending.vanished import Vanished
from services.intake.importers.translation.translation import (
    Ignored,
    Recipient,
    Refused,
    Translation,
)
from services.intake.outcome import (
    BATCH_LIMIT,
    BatchOutcome,
    KnownLog,
    Receipt,
    ReceiptStatus,
    Refusal,
    SentEvent,
)
from shared.contacts.contact import Contact
from shared.events.catalogue.case import DecisionCorrected
from shared.events.envelope import CloudEvent
from shared.events.errors import Defect
from shared.events.event import Event, encode

_READ_PER_BATCH = BATCH_LIMIT // 2  # an event of the log becomes two of ours at most
_FATES = {ReceiptStatus.ACCEPTED: Fate.ACCEPTED, ReceiptStatus.DUPLICATE: Fate.DUPLICATE}


class Intake(Protocol):
    """What an import needs of intake."""

    async def begin_import(self, source: str, keys: str, mapping: str) -> KnownLog:
        """Say what is known of a log."""
        ...

    async def send_events(self, events: Sequence[CloudEvent]) -> BatchOutcome:
        """Take a batch of events."""
        ...

    async def send_contacts(self, contacts: Sequence[Contact]) -> None:
        """Take a batch of contacts."""
        ...

    async def sent_events(self, source: str, after: str) -> Sequence[SentEvent]:
        """Give some of what was accepted of a log, behind an id."""
        ...


class Rehearsal:
    """Stands in for intake in a dry run: takes everything and keeps nothing."""

    async def begin_import(self, source: str, keys: str, mapping: str) -> KnownLog:  # noqa: ARG002 - intake's
        """Know no log."""
        return KnownLog(events={}, same_mapping=True)

    async def send_events(self, events: Sequence[CloudEvent]) -> BatchOutcome:
        """Accept every event; the translation has validated them already."""
        return BatchOutcome(
            receipts=tuple(
                Receipt(id=event.id, source=event.source, sequence=1, status=ReceiptStatus.ACCEPTED)
                for event in events
            )
        )

    async def send_contacts(self, contacts: Sequence[Contact]) -> None:
        """Forget the contacts."""

    async def sent_events(self, source: str, after: str) -> Sequence[SentEvent]:  # noqa: ARG002 - intake's
        """Know no event."""
        return ()


@dataclass(frozen=True, slots=True)
class _Outgoing:
    activity: str | None
    event: Event
    correction: Event | Refused | None = None
    line: int | None = None


class Transfer:
    """One run of an import: the tally adds up at its end, also after a failure."""

    def __init__(self, intake: Intake, tally: Tally, vanished: Vanished | None = None) -> None:
        """Wire it; `vanished` is told each event that was sent before and isn't in the log."""
        self._vanished = vanished
        self._intake = intake
        self._tally = tally
        self._batch: list[_Outgoing] = []
        self._corrections: list[Event] = []
        self._recipients: list[Recipient] = []

    async def run(
        self, mapping: LogMapping, keys: str, translations: Iterable[Translation]
    ) -> None:
        """Send everything, case by case in the order of the log.

        Args:
            mapping: By which the log was translated.
            keys: What its events are known by, in words.
            translations: What the log became.

        Raises:
            LogBroken: The log is damaged; what was read before has been sent.
            IntakeUnavailable: Intake stayed away; what it didn't confirm is counted as refused.
            IntakeRefused: Intake refused a request as a whole; counted likewise.
        """
        known = await self._intake.begin_import(mapping.source, keys, mapping.fingerprint)
        self._tally.other_mapping = not known.same_mapping
        self._comparison = Comparison(known)
        try:
            for number, translation in enumerate(translations, start=1):
                self._take(translation)
                if number % _READ_PER_BATCH == 0:
                    await self._send()
            await self._send()
            self._tally.gone = self._comparison.gone(_corrected(mapping))
            if self._vanished is not None and self._tally.gone:
                await self._tell(mapping, self._vanished)
        except LogBroken:
            await self._send()
            raise
        finally:
            self._give_up()

    async def _tell(self, mapping: LogMapping, vanished: Vanished) -> None:
        """Write down what is gone, event by event."""
        after = ""
        while sent := await self._intake.sent_events(mapping.source, after):
            for event, line in self._comparison.vanished(sent, _corrected(mapping)):
                vanished.note(event, line)
            after = sent[-1].id

    def _take(self, translation: Translation) -> None:
        if translation.recipient is not None:
            self._recipients.append(translation.recipient)
        if translation.start is not None:
            self._sort(None, translation.start, line=translation.line)
        self._sort(
            translation.activity, translation.outcome, translation.correction, translation.line
        )

    def _sort(
        self,
        activity: str | None,
        outcome: Event | Ignored | Refused,
        correction: Event | Refused | None = None,
        line: int | None = None,
    ) -> None:
        match outcome:
            case Ignored(rule):
                self._tally.count(activity, Fate.IGNORED, rule)
            case Refused(reason):
                self._tally.count(activity, Fate.REFUSED, reason, line)
            case _:
                self._batch.append(_Outgoing(activity, outcome, correction, line))

    async def _send(self) -> None:
        await asyncio.sleep(0)  # lets Ctrl-C in, also when nothing is to be sent
        if self._recipients:
            await self._intake.send_contacts([_contact(one) for one in self._recipients])
            self._recipients.clear()
        if not self._batch:
            return
        outcome = await self._intake.send_events([encode(one.event) for one in self._batch])
        self._settle(outcome)
        self._batch.clear()
        if self._corrections:
            await self._correct()

    def _settle(self, outcome: BatchOutcome) -> None:
        fates = {receipt.id: _FATES[receipt.status] for receipt in outcome.receipts}
        refusals = {refusal.index: refusal for refusal in outcome.errors}
        for index, one in enumerate(self._batch):
            self._comparison.see(one.event, one.line)
            refusal = refusals.get(index)
            if refusal is None:
                fate = fates[one.event.id]
            elif refusal.defect == Defect.ID_REUSED:
                fate = Fate.CHANGED
                self._note_change(one)
            else:
                self._tally.count(one.activity, Fate.REFUSED, _reason(refusal), one.line)
                self._tally.refused_by_intake += 1
                continue
            self._tally.count(one.activity, fate)
            self._comparison.note(one.event.subject, one.event.data.event_type, fate)
            self._tally.late = self._comparison.late

    def _note_change(self, one: _Outgoing) -> None:
        if self._tally.other_mapping or one.correction is None:
            return
        if isinstance(one.correction, Refused):
            self._tally.corrections[Fate.REFUSED] += 1
            self._tally.reasons[f"correction of a decision: {one.correction.reason}"] += 1
        else:
            self._corrections.append(one.correction)

    async def _correct(self) -> None:
        outcome = await self._intake.send_events([encode(event) for event in self._corrections])
        self._corrections.clear()
        self._tally.corrections.update(_FATES[receipt.status] for receipt in outcome.receipts)
        for refusal in outcome.errors:
            self._tally.corrections[Fate.REFUSED] += 1
            self._tally.reasons[f"correction of a decision: {_reason(refusal)}"] += 1

    def _give_up(self) -> None:
        """Count what intake never answered, so that the numbers add up after a failure too."""
        for one in self._batch:
            reason = "not confirmed by intake; run again"
            self._tally.count(one.activity, Fate.REFUSED, reason, one.line)
        self._batch.clear()


def _corrected(mapping: LogMapping) -> str | None:
    return None if mapping.corrections is None else DecisionCorrected.event_type


def _contact(recipient: Recipient) -> Contact:
    return Contact.model_validate(
        {
            "contact_ref": recipient.contact_ref,
            "language": recipient.language,
            "email": recipient.address,
        }
    )


def _reason(refusal: Refusal) -> str:
    fields = ", ".join(f"{wrong.field} {wrong.reason}" for wrong in refusal.fields)
    return f"intake: {refusal.defect}" + (f" ({fields})" if fields else "")

"""What intake answers to a batch, as a sender reads it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

BATCH_LIMIT = 1_000
"""The most events, or contacts, that intake takes in one request."""


class ReceiptStatus(StrEnum):
    """What intake did with an event that it took."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class WrongField(_Answer):
    """A field and what is wrong with it; the value itself is never quoted."""

    field: str
    reason: str


class Receipt(_Answer):
    """Intake's word that an event is stored, and the number it has in its case.

    Attributes:
        warnings: Keys that no list has, of a source that may use such ones.
    """

    id: str
    source: str
    sequence: int
    status: ReceiptStatus
    warnings: tuple[WrongField, ...] = ()


class Refusal(_Answer):
    """Why one event of a batch was not taken; the others were."""

    index: int
    id: str | None = None
    source: str | None = None
    defect: str
    fields: tuple[WrongField, ...] = ()


class BatchOutcome(_Answer):
    """What became of each event of a batch."""

    receipts: tuple[Receipt, ...] = ()
    errors: tuple[Refusal, ...] = ()

    @property
    def accepted(self) -> int:
        """How many events were new."""
        return sum(receipt.status is ReceiptStatus.ACCEPTED for receipt in self.receipts)

    @property
    def duplicate(self) -> int:
        """How many events intake had already."""
        return len(self.receipts) - self.accepted


class KnownLog(_Answer):
    """What intake knows of a log before it is imported.

    Attributes:
        events: How many of its events were accepted before, by type.
        same_mapping: Whether it is imported by the mapping of the last time.
    """

    events: dict[str, int]
    same_mapping: bool


SENT_AT_ONCE = 5_000
"""How many events of a log intake tells in one answer."""


class SentEvent(_Answer):
    """An event of a log that intake has accepted."""

    id: str
    type: str
    subject: str
    sequence: int


class SentEvents(_Answer):
    """Some of a log's accepted events, in the order of their ids; none: there are no more."""

    events: tuple[SentEvent, ...]

"""What time stamps say of the heads in a record: its register's and the audit log's. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from services.controlling.proof.fault import Fault, FaultKind
from services.controlling.proof.record import AnyHeader, StampedHeader
from services.controlling.proof.stamp import told_in

_IN_TIME = timedelta(days=1)
"""So long after its day a head is stamped in time; both days are those of UTC."""


@dataclass(frozen=True, slots=True)
class HeadStamp:
    """A stamp on a head.

    Attributes:
        day: On which the head was published; None: it is the audit log's.
        text: What was stamped of it.
        time_stamp: The stamp, as Base64.
    """

    day: date | None
    text: str
    time_stamp: str

    def __str__(self) -> str:
        return "audit log" if self.day is None else f"head of {self.day}"


def stamps_in(header: AnyHeader) -> Iterator[HeadStamp]:
    """Give the stamps on heads that a record has, the audit log's last."""
    if not isinstance(header, StampedHeader):
        return
    for one in header.heads:
        if one.time_stamp is not None:
            yield HeadStamp(one.day, one.head, one.time_stamp)
    if (audit := header.audit_stamp) is not None:
        yield HeadStamp(None, audit.head.partition(":")[2], audit.time_stamp)


def compare_stamps(header: AnyHeader) -> Iterator[Fault]:
    """Tell which stamps are of something else than they stand beside."""
    for one in stamps_in(header):
        if told_in(one.time_stamp, one.text) is None:
            yield Fault(FaultKind.AUDIT_STAMP if one.day is None else FaultKind.HEAD_STAMP, one.day)


def tell_stamps(header: AnyHeader) -> Iterator[str]:
    """Tell how many heads were stamped in time, and what was there by when."""
    if not isinstance(header, StampedHeader):
        return
    heads = [(one, told_in(one.time_stamp, one.head)) for one in header.heads]
    stamped = [(one, at) for one, at in heads if at is not None]
    in_time = sum(at.astimezone(UTC).date() <= one.day + _IN_TIME for one, at in stamped)
    if heads:
        yield f"heads stamped by the day after theirs: {in_time} of {len(heads)}"
    if stamped:
        last, at = stamped[-1]
        yield f"stamped {at:%Y-%m-%d %H:%M:%S} UTC: the register until entry {last.entries}"
    if (audit := header.audit_stamp) is not None:
        until, _, text = audit.head.partition(":")
        if (until_then := told_in(audit.time_stamp, text)) is not None:
            yield f"stamped {until_then:%Y-%m-%d %H:%M:%S} UTC: the audit log until entry {until}"

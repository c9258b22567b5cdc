"""The chain of the audit log: each entry holds the hash of the one before it.

What is hashed is written out field by field, each with its kind and its length, so that no two
entries have the same bytes. Moments are whole microseconds, as the database keeps them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from services.controlling.audit.entry import Entry, Link
from shared.errors import PermanentError

START = bytes(32)
"""What the first entry has in the place of a hash before it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class HeadUnreadable(PermanentError):
    """What was given as the head of a chain is none."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no head of an audit log; write it as 1024:9f86…, as printed")


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: who keeps it can tell later that nothing before it was changed."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Undo `str`.

        Raises:
            HeadUnreadable: it is not such a text.
        """
        number, _, digits = text.partition(":")
        try:
            found = cls(int(number), bytes.fromhex(digits))
        except ValueError:
            raise HeadUnreadable(text) from None
        if len(found.hash) != len(START):
            raise HeadUnreadable(text)
        return found


EMPTY = Head(0, START)


def link(head: Head, entry: Entry, at: datetime) -> Link:
    """Put an entry behind the last one."""
    number = head.number + 1
    return Link(
        number=number,
        at=at,
        account=entry.account,
        role=entry.role,
        act=entry.act.value,
        object=entry.object,
        detail=entry.detail,
        previous=head.hash,
        hash=_hash(number, at, entry, head.hash),
    )


def breaks(links: Iterable[Link], head: Head = EMPTY) -> Iterator[str]:
    """Say what is wrong with entries that should follow on `head`, in the order of their numbers.

    After a break the chain is followed on from what stands there, so that each is told once.
    """
    for one in links:
        if one.number != head.number + 1:
            yield f"after entry {head.number} comes entry {one.number}: one was taken out or put in"
        if one.previous != head.hash:
            yield f"entry {one.number} doesn't follow on entry {head.number}"
        if one.hash != _hash(one.number, one.at, one, one.previous):
            yield f"entry {one.number} was changed"
        head = Head(one.number, one.hash)


def _hash(number: int, at: datetime, entry: Entry | Link, previous: bytes) -> bytes:
    fields: list[str | int | None] = [
        number,
        (at - _EPOCH) // _MICROSECOND,
        None if entry.account is None else str(entry.account),
        entry.role,
        str(entry.act),
        entry.object,
        len(entry.detail),
    ]
    for name in sorted(entry.detail):
        fields += [name, entry.detail[name]]
    digest = hashlib.sha256(previous)
    for one in fields:
        digest.update(_written(one))
    return digest.digest()


def _written(value: str | int | None) -> bytes:
    """Write a value as its kind, the length of its text and its text."""
    if value is None:
        return b"-"
    text = str(value).encode()
    return (b"i" if isinstance(value, int) else b"t") + len(text).to_bytes(4, "big") + text

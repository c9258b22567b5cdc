"""What the public may know of a review period: the promise at its start, the proof at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from services.controlling.chain.head import DailyHead
from services.controlling.periods.commitment import TO_ALL, digest
from services.controlling.periods.deadlines import (
    Promise,
    Stage,
    awaits_witness,
    closed_early,
    promise_of,
    stage_of,
)
from services.controlling.periods.witness import Witness, kept
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.statistics.suppression import MINIMUM, Withheld, release
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.security.time_stamps import TimeStamp, read, stamped_at

_ALL = "all strata"
_LAST_HEADS = 31


@dataclass(frozen=True, slots=True)
class Amount:
    """How many decisions there were and how many of them were drawn."""

    decisions: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What was published when a period was closed.

    Attributes:
        early: Whether that was before the days of grace were over.
        seed: The 32 bytes behind the commitment, hexadecimal.
        total: All strata together; None when a number would tell of fewer than seven decisions.
        strata: Each stratum the same way.
    """

    at: datetime
    early: bool
    seed: str
    total: Amount | None
    strata: Sequence[tuple[Stratum, Amount | None]]


@dataclass(frozen=True, slots=True)
class ShownHead:
    """A head as everybody sees it, and since when a third party says that it was there."""

    head: DailyHead
    stamped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Publication:
    """A period as the public sees it; while it is open, nothing of its decisions is told.

    Attributes:
        opened_at: When the commitment was published.
        commitment: SHA-256, hexadecimal, over seed, policy, catalogue and days.
        documents: Digests of policy and catalogue in it; None: it is over the seed alone, as it was
            once.
        stamp: A third party's word on that time, if a service is configured.
        promise: Whether that was before the first day, and who says so.
        witness: What chance gave where others watched; None: not yet, or never.
        awaits_witness: Until when it can still be witnessed.
        incomplete: Whether decisions are gone that were registered, as somebody noted.
        heads: How far the chain of its register had come on which day, the newest first; numbers
            that would tell of fewer than seven decisions are left out.
    """

    period: str
    stage: Stage
    first_day: date
    last_day: date
    policy: str
    opened_at: datetime
    commitment: str
    documents: tuple[str, str] | None
    stamp: TimeStamp | None
    promise: Promise
    witness: Witness | None
    awaits_witness: datetime | None
    closing: Closing | None
    incomplete: bool
    heads: Sequence[ShownHead]


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """What stands in a period's row for everybody; `closing` is what its close published."""

    key: str
    first_day: date
    last_day: date
    opened_at: datetime
    commitment: str
    commitment_form: int
    time_stamp: bytes | None
    policy_version: str
    policy: str | None
    catalogue: str | None
    witness: str | None
    witness_roles: Sequence[str] | None
    witnessed_at: datetime | None
    simulated: bool
    closing: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicRecord(PeriodRecord):
    """A period for its page; `incomplete`: decisions are gone that were registered."""

    incomplete: bool


def publication_of(
    record: PublicRecord,
    zone: ZoneInfo,
    now: datetime,
    heads: Sequence[DailyHead] = (),
    stamps: Mapping[date, bytes] = MappingProxyType({}),
) -> Publication:
    """Give what the public may see of a period.

    Args:
        record: Its row.
        zone: Where the authority's days end.
        now: Tells how far it has come, and whether it can still be witnessed.
        heads: All heads of its register that were published, the oldest first.
        stamps: The time stamps on them, by day.
    """
    stamp = read(record.time_stamp, record.commitment) if record.time_stamp else None
    at = stamp.at if stamp else None
    closing = _closing(record, zone)
    return Publication(
        period=record.key,
        stage=stage_of(record.first_day, record.last_day, record.closed_at, now, zone),
        first_day=record.first_day,
        last_day=record.last_day,
        policy=record.policy_version,
        opened_at=record.opened_at,
        commitment=record.commitment,
        documents=_documents(record),
        stamp=stamp,
        promise=promise_of(record.first_day, record.opened_at, at, simulated=record.simulated),
        witness=kept(record.witness, record.witness_roles, record.witnessed_at),
        awaits_witness=awaits_witness(record.first_day, record.witnessed_at, now),
        closing=closing,
        incomplete=record.incomplete,
        heads=[
            ShownHead(one, stamped_at(stamps.get(one.day), one.hash.hex()))
            for one in _heads(heads, closing)[: -_LAST_HEADS - 1 : -1]
        ],
    )


def _heads(heads: Sequence[DailyHead], closing: Closing | None) -> list[DailyHead]:
    """Leave numbers out that tell of few decisions, by the one before or by the period's total.

    All are left out where the total of a closed period isn't told either.
    """
    total = None if closing is None else closing.total
    withheld = closing is not None and total is None
    told, shown = 0, []
    for one in heads:
        if withheld or one.entries is None or _tells_of_few(one.entries, told, total):
            shown.append(replace(one, entries=None))
        else:
            shown.append(one)
            told = one.entries
    return shown


def _tells_of_few(entries: int, told: int, total: Amount | None) -> bool:
    """Whether fewer than seven lie between a number and the last one shown, or the total."""
    apart = 0 if total is None else abs(total.decisions - entries)
    return entries - told < MINIMUM or 0 < apart < MINIMUM


def _documents(record: PublicRecord) -> tuple[str, str] | None:
    if record.commitment_form != TO_ALL or record.policy is None or record.catalogue is None:
        return None
    return digest(record.policy), digest(record.catalogue)


def _closing(record: PublicRecord, zone: ZoneInfo) -> Closing | None:
    at = record.closed_at
    if record.closing is None or record.policy is None or at is None:
        return None
    closed = ReviewPeriodClosed.model_validate_json(record.closing)
    grace = Policy.model_validate_json(record.policy).grace
    early = closed_early(at, record.last_day, record.opened_at, grace, zone)
    shown = _shown(closed.strata)
    strata = [(Stratum.parse(one.stratum), shown[one.stratum]) for one in closed.strata]
    return Closing(at, early, closed.seed, shown[_ALL], strata)


def _shown(counts: Sequence[StratumCount]) -> dict[str, Amount | None]:
    """Release the counts of a period as one table."""
    sizes = {one.stratum: (0, one.size) for one in counts}
    whole = Amount(sum(one.size for one in counts), sum(one.drawn for one in counts))
    table = {
        one.stratum: Withheld({one.stratum: sizes[one.stratum]}, Amount(one.size, one.drawn))
        for one in counts
    }
    return release({**table, _ALL: Withheld(sizes, whole)})

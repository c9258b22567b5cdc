"""The record of a closed period as a signed file that needs nothing beside it."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.x509 import Certificate
from pydantic_core import to_json

from services.controlling.audit.store import head_of
from services.controlling.chain.head import DailyHead
from services.controlling.chain.store import end_of_chain, gaps, heads
from services.controlling.completeness.store import check_frame
from services.controlling.errors import PeriodOpen, PeriodUnknown
from services.controlling.periods.deadlines import closed_early
from services.controlling.periods.witness import kept
from services.controlling.policy.policy import Policy
from services.controlling.proof import store
from services.controlling.proof.errors import ExportInaccessible, NoPeriodClosed
from services.controlling.proof.line import LONGEST
from services.controlling.proof.record import (
    AuditStamp,
    Chain,
    Count,
    Gap,
    GappedHeader,
    Header,
    PublishedHead,
    Seal,
    StampedHead,
    StampedHeader,
    WholeHeader,
    Witnessed,
)
from services.controlling.proof.store import ClosedPeriod
from services.controlling.proof.verification import Report, verify
from services.controlling.stamps import store as stamps
from shared.configuration.replacing import replacing
from shared.configuration.yaml_file import Section
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.postgres.pool import Connection, Pool
from shared.security.signatures import is_signed, public_key_of, sign
from shared.security.time_stamps import TimeStamp, TimeStampInvalid, read, stamped_at

_TOLD_EVERY = 10_000


async def export(
    pool: Pool,
    key: str | None,
    path: Path,
    signing_key: bytes,
    zone: ZoneInfo,
    *,
    told: Callable[[int], None] = lambda _: None,
) -> str:
    """Write the record of a closed period, or of the last one; gives its key.

    Args:
        pool: As controlling.
        key: The period; None for the last one that is closed.
        path: The file to write.
        signing_key: Seed of the Ed25519 key, 32 bytes.
        zone: Where the authority's weeks begin.
        told: Hears now and then how many lines are written.

    Raises:
        PeriodUnknown, NoPeriodClosed, PeriodOpen: there is no such record.
        FileUnwritable: the file can't be written; none is left behind then.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        header = await _header(connection, key, zone)
        digest = hashlib.sha256()
        with replacing(path) as torso, torso.open("wb") as file:
            written = 0
            async for line in _lines(connection, header):
                digest.update(line)
                file.write(line)
                written += 1
                if written % _TOLD_EVERY == 0:
                    told(written)
            file.write(_section(_seal(signing_key, digest.digest())))
    return header.period


def verify_file(
    path: Path,
    told: Callable[[int], None] = lambda _: None,
    key: str | None = None,
    kept: Sequence[DailyHead] = (),
) -> Report:
    """Replay the record in a file; needs neither database nor network.

    Args:
        path: The file.
        told: Hears now and then how many lines are read.
        key: The public key that must have signed it, hexadecimal; None: any.
        kept: Heads of its register that somebody kept when they were published.

    Raises:
        RecordUnreadable: it is not such a record.
        ExportInaccessible: the file can't be read.
    """
    try:
        with path.open("rb") as lines:
            pieces = iter(partial(lines.readline, LONGEST + 1), b"")
            return verify(_counted(pieces, told), _is_authentic, key, kept)
    except OSError as error:
        raise ExportInaccessible(path, error) from error


def stamp_of(report: Report, roots: Sequence[Certificate] = ()) -> TimeStamp | None:
    """Read the time stamp of a record's commitment; None if it has none.

    Raises:
        TimeStampInvalid: it is not a stamp of this commitment, or not by whom we trust.
    """
    if report.time_stamp is None:
        return None
    return read(b64decode(report.time_stamp), report.commitment, roots)


def untrusted(report: Report, roots: Sequence[Certificate]) -> Iterator[str]:
    """Say which stamps on heads aren't by whom we trust."""
    for one in report.head_stamps:
        try:
            read(b64decode(one.time_stamp), one.text, roots)
        except TimeStampInvalid as error:
            yield f"{one}: {error}"


def _counted(lines: Iterable[bytes], told: Callable[[int], None]) -> Iterator[bytes]:
    for number, line in enumerate(lines, start=1):
        if number % _TOLD_EVERY == 0:
            told(number)
        yield line


async def _header(connection: Connection, key: str | None, zone: ZoneInfo) -> Header:
    period = await store.closed_period(connection, key)
    if period is None:
        raise PeriodUnknown(key) if key else NoPeriodClosed
    if period.closing is None or period.policy is None or period.closed_at is None:
        raise PeriodOpen(period.key, period.first_day, period.last_day)
    closed = ReviewPeriodClosed.model_validate_json(period.closing)
    policy = Policy.model_validate_json(period.policy)
    days = period.first_day, period.last_day
    frame = await check_frame(connection, *days, zone, policy.dilution)
    chain = await _chain(connection, period)
    form = await _form(connection, period, chained=chain is not None)
    return form(
        period=period.key,
        first_day=period.first_day,
        last_day=period.last_day,
        commitment=period.commitment,
        time_stamp=b64encode(period.time_stamp).decode() if period.time_stamp else None,
        seed=closed.seed,
        policy=period.policy,
        catalogue=period.catalogue,
        commitment_form=period.commitment_form,
        opened_at=period.opened_at,
        stamped_at=stamped_at(period.time_stamp, period.commitment),
        closed_at=period.closed_at,
        closed_early=closed_early(
            period.closed_at, period.last_day, period.opened_at, policy.grace, zone
        ),
        witness=_witnessed(period),
        simulated=period.simulated,
        strata=tuple(Count(**dict(count)) for count in closed.strata),
        audit=str(await head_of(connection)),
        footnotes=tuple(frame.footnotes),
        chain=chain,
    )


async def _form(
    connection: Connection, period: ClosedPeriod, *, chained: bool
) -> Callable[..., Header]:
    """Give the header that it takes: that of before, byte by byte, where nothing was stamped."""
    published = [_published(one) for one in await heads(connection, period.key) if chained]
    lacks = tuple(Gap(**asdict(one)) for one in await gaps(connection, period.key))
    on_heads = await stamps.head_stamps(connection, period.key)
    on_audit = await stamps.audit_stamp(connection)
    if on_heads or on_audit is not None:
        stamped = tuple(_stamped(one, on_heads.get(one.day)) for one in published)
        audit = None if on_audit is None else _on_audit(on_audit)
        return partial(StampedHeader, heads=stamped, gaps=lacks, audit_stamp=audit)
    form = partial(GappedHeader, gaps=lacks) if lacks else WholeHeader
    return partial(form, heads=tuple(published))


def _published(head: DailyHead) -> PublishedHead:
    assert head.entries is not None
    return PublishedHead(day=head.day, entries=head.entries, head=head.hash.hex())


def _on_audit(stamp: stamps.AuditStamp) -> AuditStamp:
    return AuditStamp(head=str(stamp.head), time_stamp=b64encode(stamp.time_stamp).decode())


def _stamped(head: PublishedHead, stamp: bytes | None) -> StampedHead:
    return StampedHead(**dict(head), time_stamp=b64encode(stamp).decode() if stamp else None)


async def _chain(connection: Connection, period: ClosedPeriod) -> Chain | None:
    if period.closed_entries is None:
        return None
    head = await end_of_chain(connection, period.key)
    return Chain(entries=head.entries, closed=period.closed_entries, head=head.hash.hex())


def _witnessed(period: ClosedPeriod) -> Witnessed | None:
    found = kept(period.witness, period.witness_roles, period.witnessed_at)
    if found is None:
        return None
    return Witnessed(value=found.value, at=found.at, roles=found.roles)


async def _lines(connection: Connection, header: Header) -> AsyncIterator[bytes]:
    yield _section(header)
    chained = header.chain is not None
    async for entry in store.entries(connection, header.period, chained=chained):
        yield to_json(entry) + b"\n"


def _section(part: Section) -> bytes:
    return f"{part.model_dump_json()}\n".encode()


def _seal(signing_key: bytes, digest: bytes) -> Seal:
    return Seal(
        public_key=public_key_of(signing_key).hex(), signature=sign(signing_key, digest).hex()
    )


def _is_authentic(seal: Seal, digest: bytes) -> bool:
    return is_signed(bytes.fromhex(seal.public_key), digest, bytes.fromhex(seal.signature))

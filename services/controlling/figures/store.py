"""A closed period as figures need it: its draw, from an export or the register, and its reviews."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
from pydantic_core import from_json, to_json

from services.controlling.completeness.dilution import Limits
from services.controlling.completeness.store import check_frame
from services.controlling.errors import PeriodOpen, PeriodUnknown
from services.controlling.figures.errors import QuestionUnknown
from services.controlling.figures.reviewed import Line
from services.controlling.figures.reviews import (
    DECISION,
    DECISION_TYPE,
    NOT_ASKED,
    ON_THE_FACTS,
    ON_THE_FILE,
    PUT_RIGHT,
    SECOND,
    SETTLED,
    STRATUM,
    Answer,
    Review,
    reviews_in,
)
from services.controlling.figures.sample import Latecomers, Sample, drawn_sample, minima
from services.controlling.forms import store as catalogues
from services.controlling.periods.deadlines import closed_early, end_of, promise_of, start_of
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import is_late
from services.controlling.proof.entry_line import entry_reader
from services.controlling.proof.errors import DrawDiffers
from services.controlling.proof.export import verify_file
from services.controlling.proof.record import HEADER
from services.controlling.proof.store import ClosedPeriod, closed_period
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.tables import Row, Table
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load
from shared.security.time_stamps import stamped_at

QUERIES = load(__file__)
REGISTER = Path("the register")
"""Where a row stands that stands in no file."""
_COLUMNS = (DECISION, STRATUM, DECISION_TYPE, ON_THE_FILE, ON_THE_FACTS, SECOND, SETTLED, PUT_RIGHT)
_NO_QUESTIONS = (DECISION, STRATUM, DECISION_TYPE, SECOND, SETTLED, PUT_RIGHT)
_PREFETCH = 2_000


def sample_in_file(path: Path) -> tuple[str, Sample]:
    """Read period and sample from an export; it is verified first.

    Raises:
        RecordUnreadable, ExportInaccessible: it is no export, or can't be read.
        DrawDiffers: the draw in it is not what seed and policy give.
    """
    report = verify_file(path)
    if report.differences:
        raise DrawDiffers(len(report.differences))
    with path.open("rb") as lines:
        header = HEADER.validate_json(next(lines))
        read = entry_reader(header)
        # The last line is the seal.
        entries = (entry for line, _ in pairwise(lines) for entry in read([line]))
        return header.period, drawn_sample(header, entries)


async def sample_in_register(pool: Pool, key: str, zone: ZoneInfo) -> Sample:
    """Read the sample of a closed period from the register.

    Raises:
        PeriodUnknown, PeriodOpen: there is no such record.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await read_whole_sample(connection, key, zone)


async def read_whole_sample(connection: Connection, key: str, zone: ZoneInfo) -> Sample:
    """Read the sample of a closed period, with what is known of its frame by now.

    Args:
        connection: As controlling, or as the workbench.
        key: The period.
        zone: Where the authority's days end.

    Raises:
        PeriodUnknown, PeriodOpen: there is no such record.
    """
    period = await closed_period(connection, key)
    if period is None:
        raise PeriodUnknown(key)
    sample = await _sample_of(connection, period, zone)
    late, gaps = await read_frame(connection, key, period.first_day, period.last_day, zone)
    return replace(sample, late=late, gaps=gaps)


async def _sample_of(connection: Connection, period: ClosedPeriod, zone: ZoneInfo) -> Sample:
    """Read the sample of a closed period, without what may still become known of its frame."""
    key = period.key
    if period.closing is None or period.policy is None or period.closed_at is None:
        raise PeriodOpen(key, period.first_day, period.last_day)
    policy = Policy.model_validate_json(period.policy)
    sizes = {
        one.stratum: one.size
        for one in ReviewPeriodClosed.model_validate_json(period.closing).strata
        if not is_late(one.stratum)
    }
    drawn = await connection.fetch(QUERIES["drawn_at_random"], key)
    stamp = stamped_at(period.time_stamp, period.commitment)
    return Sample(
        {row["decision_id"]: row["stratum"] for row in drawn},
        sizes,
        minima(policy, sizes),
        promise_of(period.first_day, period.opened_at, stamp, simulated=period.simulated),
        witnessed=period.witnessed_at is not None,
        closed_early=closed_early(
            period.closed_at, period.last_day, period.opened_at, policy.grace, zone
        ),
    )


async def read_frame(
    connection: Connection, key: str, first: date, last: date, zone: ZoneInfo
) -> tuple[Latecomers, Sequence[str]]:
    """Tell which decisions of a period came too late, and where others counted other numbers."""
    between = start_of(first, zone), end_of(last, zone)
    row = await connection.fetchrow(QUERIES["late_decisions"], key, *between)
    assert row is not None, "counts always give a row"
    late = Latecomers(
        row["undrawn"], row["earlier"], frozenset(row["drawn"] or ()), row["elsewhere"] or ()
    )
    period = await closed_period(connection, key)
    kept = period and period.policy
    limits = Policy.model_validate_json(kept).dilution if kept else Limits()
    frame = await check_frame(connection, first, last, zone, limits)
    return late, frame.footnotes


def reviews_of(key: str, lines: Sequence[Line], question: str) -> list[Review]:
    """Read the results of a period's reviews out of what was released of them.

    Raises:
        NothingReviewed: there are none.
        QuestionUnknown: nobody was asked that question.
    """
    table = _table(key, lines)
    asked = [one for one in table.columns if one not in _NO_QUESTIONS]
    if question not in asked:
        raise QuestionUnknown(question, asked)
    return reviews_in(table, question)


@dataclass(frozen=True, slots=True)
class Edition:
    """What the reviews of a period had found when figures of it were released.

    Attributes:
        number: Editions of a period are counted from 1.
        lines: In the form of a file, header first.
    """

    number: int
    released_at: datetime
    lines: Sequence[Line]


async def last_edition(connection: Connection, key: str) -> Edition | None:
    """Give what was released of a period last; None where nothing was."""
    return await _edition(connection, key, None)


async def edition(connection: Connection, key: str, number: int) -> Edition | None:
    """Give one edition of a period."""
    return await _edition(connection, key, number)


async def _edition(connection: Connection, key: str, number: int | None) -> Edition | None:
    row = await connection.fetchrow(QUERIES["editions"], key, number)
    if row is None:
        return None
    lines = [tuple(line) for line in from_json(row["reviews"])]
    return Edition(row["edition"], row["released_at"], lines)


async def release(connection: Connection, key: str, number: int, lines: Sequence[Line]) -> Edition:
    """Keep what reviews say now as an edition."""
    written = to_json(lines).decode()
    return Edition(
        number, await connection.fetchval(QUERIES["release"], key, number, written), lines
    )


@dataclass(frozen=True, slots=True)
class FiguresTold:
    """Figures as they are kept: as texts.

    Attributes:
        number: In the order in which they were told.
        editions: By period, of which edition they are.
        asked: What was asked.
    """

    number: int
    editions: Mapping[str, int]
    asked: str
    figures: str


async def hold_figures(connection: Connection) -> None:
    """Let nobody else tell figures until the end of the transaction."""
    await connection.execute(QUERIES["hold_figures"])


async def figures_told(connection: Connection, keys: Sequence[str]) -> list[FiguresTold]:
    """Give what was told of any of some periods."""
    rows = await connection.fetch(QUERIES["figures_told"], keys)
    return [FiguresTold(**{**row, "editions": from_json(row["editions"])}) for row in rows]


async def figures_of_question(
    connection: Connection, editions: Mapping[str, int], asked: str
) -> str | None:
    """Give what was told of editions when the same was asked; None where it never was."""
    written = to_json(dict(editions)).decode()
    found: str | None = await connection.fetchval(
        QUERIES["figures_of_question"], list(editions), written, asked
    )
    return found


async def keep_figures(
    connection: Connection, editions: Mapping[str, int], asked: str, figures: str
) -> FiguresTold:
    """Keep figures as they are told."""
    written = to_json(dict(editions)).decode()
    number = await connection.fetchval(
        QUERIES["keep_figures"], list(editions), written, asked, figures
    )
    return FiguresTold(number, editions, asked, figures)


async def read_verdicts(connection: Connection, key: str) -> list[Review]:
    """Read the verdicts alone, which need no catalogue; needs an open transaction.

    Raises:
        NothingReviewed: nothing is signed yet.
    """
    wanted = [ON_THE_FILE, ON_THE_FACTS]
    rows = connection.cursor(QUERIES["signed_reviews"], key, wanted, prefetch=_PREFETCH)
    lines = [_verdicts(row, from_json(row["answers"])) async for row in rows]
    return reviews_in(_table(key, [_COLUMNS, *lines]), ON_THE_FILE)


async def reviews_as_lines(pool: Pool, key: str) -> list[Line]:
    """Give what signed reviews say of a period's decisions in the form of a file, header first.

    So a figure can't depend on where reviews come from, and an outsider who is given the file can
    repeat it.

    Raises:
        PeriodUnknown: there is no such period.
        CatalogueMissing: a catalogue with which a review began wasn't kept.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        if await closed_period(connection, key) is None:
            raise PeriodUnknown(key)
        return await lines_of(connection, key)


async def lines_of(connection: Connection, key: str) -> list[Line]:
    """Give the same in an open transaction.

    Raises:
        CatalogueMissing: a catalogue with which a review began wasn't kept.
    """
    return [line async for line in _written(connection, key)]


async def _written(connection: Connection, key: str) -> AsyncIterator[Line]:
    """Write one line after the other, with a column for each criterion.

    A criterion that the catalogue of a review holds and that its decision wasn't asked doesn't
    apply; one that came later wasn't asked.
    """
    rows = await connection.fetch(QUERIES["forms_of_reviews"], key)
    codes = {row["form_digest"]: await _codes(connection, row["form_digest"]) for row in rows}
    criteria = tuple(dict.fromkeys(chain.from_iterable(codes.values())))
    yield (*_COLUMNS, *criteria)
    async for row in connection.cursor(QUERIES["signed_reviews"], key, None, prefetch=_PREFETCH):
        answers = from_json(row["answers"])
        known = codes[row["form_digest"]]
        yield (
            *_verdicts(row, answers),
            *(answers.get(code) or _unanswered(code, known) for code in criteria),
        )


async def _codes(connection: Connection, digest: str) -> Line:
    return tuple(one.code for one in (await catalogues.kept(connection, digest)).criteria)


def _verdicts(row: asyncpg.Record, answers: Mapping[str, str]) -> Line:
    return (
        row["decision_id"],
        row["stratum"],
        row["type_code"],
        answers[ON_THE_FILE],
        answers[ON_THE_FACTS],
        row["second"] or "",
        row["settled"] or "",
        "yes" if row["put_right"] else "no",
    )


def _unanswered(code: str, known: Collection[str]) -> str:
    return Answer.NOT_APPLICABLE.value if code in known else NOT_ASKED


def _table(key: str, lines: Sequence[Line]) -> Table:
    columns, *rows = lines
    if not rows:
        raise NothingReviewed(f"what was reviewed of {key}")
    return Table(
        REGISTER,
        columns,
        tuple(
            Row(REGISTER, number, dict(zip(columns, cells, strict=True)))
            for number, cells in enumerate(rows, start=2)
        ),
    )

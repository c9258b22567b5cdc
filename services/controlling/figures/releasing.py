"""What the register tells of closed periods: once they are reviewed, and ever again as it was.

An edition is what the reviews of a period had found at one moment. Figures are made of the last
edition of each period and kept; other figures of the same decisions are held against all that was
told of them, in whatever edition. What is kept is read without waiting for who tells others.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.controlling.audit.entry import OPERATOR, Act, Entry
from services.controlling.audit.store import write
from services.controlling.figures import store
from services.controlling.figures.errors import (
    FiguresUnreleased,
    QuestionUnknown,
    ToldOtherwise,
    TooLittleNew,
)
from services.controlling.figures.footnotes import frame_footnotes
from services.controlling.figures.kept import (
    Editions,
    Question,
    Released,
    read_figures,
    read_question,
    settled,
    write_figures,
)
from services.controlling.figures.period import (
    Asked,
    PeriodFigures,
    Told,
    period_figures,
)
from services.controlling.figures.reviewed import Found
from services.controlling.figures.reviews import (
    ERRORS,
    ON_THE_FACTS,
    ON_THE_FILE,
    VERDICTS,
    Review,
    possible,
)
from services.controlling.figures.sample import Sample, together
from services.controlling.figures.store import Edition, FiguresTold
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE
from shared.postgres.pool import Connection, Pool


@asynccontextmanager
async def releasing(pool: Pool, zone: ZoneInfo) -> AsyncIterator["Release"]:
    """Open a transaction in which figures are told, one after the other.

    Args:
        pool: As controlling, or as the workbench.
        zone: Where the authority's days end.
    """
    async with pool.acquire() as connection, connection.transaction():
        yield Release(connection, zone)


class Release:
    """Tells figures; while it tells any for the first time, nobody else does.

    What is read is read once: a period that is closed stays as it is, and so does what was told.
    """

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection, self._zone = connection, zone
        self._samples: dict[str, Sample] = {}
        self._answers: dict[tuple[str, int, str], list[Review]] = {}
        self._before = _Before(connection)

    async def by_name(self, key: str) -> Edition:
        """Release what the reviews of a period say now, although some may be open, and note it.

        Raises:
            PeriodUnknown, PeriodOpen: there is no such closed period.
            NothingReviewed: nothing is signed yet.
            TooLittleNew: fewer than seven decisions have another answer than was released.
        """
        await store.hold_figures(self._connection)
        last = await store.last_edition(self._connection, key)
        found = await self._found(key)
        if not found.answers:
            raise NothingReviewed(f"what was reviewed of {key}")
        if last is not None and not found.is_new_beside(last.lines, await self._sample(key)):
            raise TooLittleNew(key)
        edition = await store.release(self._connection, key, _after(last), found.lines)
        await write(
            self._connection,
            Entry(
                None,
                OPERATOR,
                Act.FIGURES_RELEASED,
                f"results:{key}",
                {"edition": edition.number},
            ),
        )
        return edition

    async def figures(
        self, keys: Sequence[str], asked: Asked, values: Sequence[str] = ()
    ) -> Released:
        """Give what is told of periods.

        Args:
            keys: Which; there are decisions in one of them.
            asked: What is asked.
            values: What may be told apart by its breakdown.

        Raises:
            PeriodUnknown, PeriodOpen: there is no such closed period.
            FiguresUnreleased: one isn't reviewed yet, and nobody released what is.
            NothingReviewed: nothing was drawn of them.
            QuestionUnknown: nobody asks that question.
            ToldOtherwise: figures of the same answers were told with other errors.
        """
        strata = [key for one in keys for key in (await self._sample(one)).sizes]
        question = Question.of(asked, values, strata)
        looked = {key: await self._look(key) for key in keys}
        kept = None
        if not any(one.is_due for one in looked.values()):
            kept = await self._as_kept(_numbers(looked), question)
        if kept is None:
            await store.hold_figures(self._connection)
            looked = {key: await self._released(key) for key in keys}
            kept = await self._told(_numbers(looked), question)
        frame = together({key: await self._sample(key) for key in keys})
        notes = [*kept.footnotes, *frame_footnotes(frame.late, frame.gaps)]
        at = max(one.edition.released_at for one in looked.values() if one.edition)
        return Released(replace(kept, footnotes=notes), _numbers(looked), at)

    async def _look(self, key: str) -> "_Look":
        """Look for the last edition of a period, and whether the next one is due.

        Raises:
            NothingReviewed, FiguresUnreleased: there is none, and none is due.
        """
        sample = await self._sample(key)
        last = await store.last_edition(self._connection, key)
        found = await self._found(key)
        if found.complete and (last is None or found.is_new_beside(last.lines, sample)):
            return _Look(last, found)
        if last is None and sample.drawn:
            if not found.answers:
                raise NothingReviewed(f"what was reviewed of {key}")
            raise FiguresUnreleased(key, len(found.answers), len(sample.drawn))
        return _Look(last)

    async def _released(self, key: str) -> "_Look":
        """Release what is due of a period: all is reviewed, and enough of it is new."""
        look = await self._look(key)
        if look.due is None:
            return look
        number, lines = _after(look.edition), look.due.lines
        return _Look(await store.release(self._connection, key, number, lines))

    async def _as_kept(self, editions: Editions, question: Question) -> PeriodFigures | None:
        """Give figures as they were told; None where they never were."""
        kept = await store.figures_of_question(self._connection, editions, question.written)
        return None if kept is None else read_figures(kept)

    async def _found(self, key: str) -> Found:
        lines = await store.lines_of(self._connection, key)
        return Found(lines, await self._sample(key))

    async def _told(self, editions: Editions, question: Question) -> PeriodFigures:
        """Give figures as they were told, or tell them now, beside all that was told before."""
        for one in await self._before.of(editions):
            if (one.editions, self._before.question(one)) == (editions, question):
                return self._before.figures(one)
        for first in _first(question):
            await self._told(editions, first)
        for key, number in editions.items():
            if number and len(editions) > 1:
                with suppress(NothingReviewed, QuestionUnknown):
                    await self._told({key: number}, await self._of_one(key, question))
        before = []
        for one in await self._before.of(editions):
            asked = self._before.question(one)
            if question.contradicts(asked):
                raise ToldOtherwise(question.question, asked.errors, asked.confidence)
            if _bears_on(asked.question, question.question):
                figures = self._before.figures(one)
                before.append(await self._as_told(one.editions, asked, figures))
        sample, reviews = await self._of(editions, question)
        figures = settled(
            await asyncio.to_thread(period_figures, sample, reviews, question.asked, before)
        )
        await self._before.keep(editions, question, figures)
        return figures

    async def _of_one(self, key: str, question: Question) -> Question:
        """Ask the same of one period alone, by the usual breakdowns."""
        strata = list((await self._sample(key)).sizes)
        return Question.of(question.asked._replace(by=None), (), strata)

    async def _as_told(
        self, editions: Editions, question: Question, figures: PeriodFigures
    ) -> Told:
        sample, reviews = await self._of(editions, question)
        return Told(sample, reviews, question.asked, figures)

    async def _of(self, editions: Editions, question: Question) -> tuple[Sample, list[Review]]:
        """Give the draw of some periods, and the answers to a question in their editions."""
        sample = together({key: await self._sample(key) for key in editions})
        reviews: list[Review] = []
        unknown: QuestionUnknown | None = None
        for key, number in editions.items():
            try:
                reviews += await self._of_edition(key, number, question.question)
            except QuestionUnknown as error:
                unknown = error
        if unknown and not reviews:
            raise unknown
        return sample, question.told_apart(reviews)

    async def _of_edition(self, key: str, number: int, question: str) -> list[Review]:
        if (key, number, question) not in self._answers:
            edition = await store.edition(self._connection, key, number)
            self._answers[key, number, question] = (
                [] if edition is None else store.reviews_of(key, edition.lines, question)
            )
        return self._answers[key, number, question]

    async def _sample(self, key: str) -> Sample:
        if key not in self._samples:
            self._samples[key] = await store.read_whole_sample(self._connection, key, self._zone)
        return self._samples[key]


def _first(question: Question) -> list[Question]:
    """Give what is told first, so that nothing that is asked rarely makes it rougher.

    The verdicts on the file by the usual breakdowns are what the page of results tells.
    """
    usual = question.without_breakdown()
    asked = [usual] if question.by else []
    if question.question in VERDICTS:
        page = replace(
            usual,
            question=ON_THE_FILE,
            errors=tuple(sorted(ERRORS & possible(ON_THE_FILE))),
            confidence=str(CONFIDENCE),
        )
        asked = [page, *asked]
    return [one for one in asked if one != question]


def _bears_on(told: str, asked: str) -> bool:
    """Whether what was told of a question tells of another one's answers, too."""
    return told == asked or {told, asked} == {ON_THE_FILE, ON_THE_FACTS}


@dataclass(frozen=True, slots=True)
class _Look:
    """The last edition of a period, and what the next one will hold where it is due."""

    edition: Edition | None
    due: Found | None = None

    @property
    def is_due(self) -> bool:
        return self.due is not None


def _numbers(looked: Mapping[str, _Look]) -> Editions:
    """Give of which editions figures are.

    Raises:
        NothingReviewed: of no period there is one, and none is due.
    """
    numbers = {key: one.edition.number if one.edition else 0 for key, one in looked.items()}
    if not any(numbers.values()):
        raise NothingReviewed(f"what was reviewed of {', '.join(looked)}")
    return numbers


def _after(last: Edition | None) -> int:
    return 1 if last is None else last.number + 1


class _Before:
    """All that was told of some periods before, each read once: figures are held meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked_of: set[str] = set()
        self._rows: dict[int, FiguresTold] = {}
        self._questions: dict[str, Question] = {}
        self._figures: dict[int, PeriodFigures] = {}

    async def of(self, keys: Iterable[str]) -> list[FiguresTold]:
        """Give all that was told of some periods, and of those told together with them."""
        wanted = set(keys)
        while True:
            if new := wanted - self._asked_of:
                rows = await store.figures_told(self._connection, sorted(new))
                self._rows |= {one.number: one for one in rows}
                self._asked_of |= new
            found = [
                one for _, one in sorted(self._rows.items()) if not wanted.isdisjoint(one.editions)
            ]
            together = wanted.union(*(one.editions for one in found))
            if together == wanted:
                return found
            wanted = together

    def question(self, one: FiguresTold) -> Question:
        """Give what was asked."""
        if one.asked not in self._questions:
            self._questions[one.asked] = read_question(one.asked)
        return self._questions[one.asked]

    def figures(self, one: FiguresTold) -> PeriodFigures:
        """Give what was told."""
        if one.number not in self._figures:
            self._figures[one.number] = read_figures(one.figures)
        return self._figures[one.number]

    async def keep(self, editions: Editions, question: Question, figures: PeriodFigures) -> None:
        """Keep figures as they are told."""
        one = await store.keep_figures(
            self._connection, editions, question.written, write_figures(figures)
        )
        self._rows[one.number] = one
        self._figures[one.number] = figures

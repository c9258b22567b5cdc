"""What the register tells of closed periods: once they are reviewed, and ever again as it was.

An edition is what the reviews of a period had found at one moment. Figures are made of the last
edition of each period and kept; other figures of the same decisions are held against all that was
told of them, in whatever edition.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from services.controlling.audit.entry import Act, Entry
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
from services.controlling.figures.reviews import (
    DECISION,
    ERRORS,
    NOT_ASKED,
    ON_THE_FACTS,
    ON_THE_FILE,
    SECOND,
    SETTLED,
    VERDICTS,
    Review,
    possible,
)
from services.controlling.figures.sample import Sample, together
from services.controlling.figures.store import Edition, Line
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import CONFIDENCE
from services.controlling.statistics.suppression import MINIMUM
from shared.postgres.pool import Connection, Pool


@asynccontextmanager
async def releasing(pool: Pool, zone: ZoneInfo) -> AsyncIterator["Release"]:
    """Open a transaction in which figures are told, one after the other.

    Args:
        pool: As controlling, or as the workbench.
        zone: Where the authority's days end.
    """
    async with pool.acquire() as connection, connection.transaction():
        await store.hold_figures(connection)
        yield Release(connection, zone)


class Release:
    """Tells figures; while it does, nobody else tells any."""

    def __init__(self, connection: Connection, zone: ZoneInfo) -> None:
        self._connection, self._zone = connection, zone
        self._samples: dict[str, Sample] = {}

    async def by_name(self, key: str) -> Edition:
        """Release what the reviews of a period say now, although some may be open, and note it.

        Raises:
            PeriodUnknown, PeriodOpen: there is no such closed period.
            NothingReviewed: nothing is signed yet.
            TooLittleNew: fewer than seven decisions have another answer than was released.
        """
        last = await store.last_edition(self._connection, key)
        found = await self._found(key)
        if not found.answers:
            raise NothingReviewed(f"what was reviewed of {key}")
        if last is not None and not found.is_new_beside(last, await self._sample(key)):
            raise TooLittleNew(key)
        edition = await store.release(self._connection, key, _after(last), found.lines)
        await write(
            self._connection,
            Entry(
                None,
                "operator",
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
        found = {key: await self._edition(key) for key in keys}
        editions = {key: edition.number if edition else 0 for key, edition in found.items()}
        if not any(editions.values()):
            raise NothingReviewed(f"what was reviewed of {', '.join(keys)}")
        strata = [key for one in keys for key in (await self._sample(one)).sizes]
        figures = await self._told(editions, Question.of(asked, values, strata))
        frame = together({key: await self._sample(key) for key in keys})
        notes = [*figures.footnotes, *frame_footnotes(frame.late, frame.gaps)]
        at = max(edition.released_at for edition in found.values() if edition)
        return Released(replace(figures, footnotes=notes), editions, at)

    async def _edition(self, key: str) -> Edition | None:
        """Give the last edition of a period; what is new is released once all is reviewed."""
        sample = await self._sample(key)
        last = await store.last_edition(self._connection, key)
        found = await self._found(key)
        if found.complete and (last is None or found.is_new_beside(last, sample)):
            return await store.release(self._connection, key, _after(last), found.lines)
        if last is None and sample.drawn:
            if not found.answers:
                raise NothingReviewed(f"what was reviewed of {key}")
            raise FiguresUnreleased(key, len(found.answers), len(sample.drawn))
        return last

    async def _found(self, key: str) -> "_Found":
        lines = await store.lines_of(self._connection, key)
        return _Found(lines, await self._sample(key))

    async def _told(self, editions: Editions, question: Question) -> PeriodFigures:
        """Give figures as they were told, or tell them now, beside all that was told before."""
        kept = await self._kept(editions)
        for whose, asked, figures in kept:
            if (whose, asked) == (editions, question):
                return figures
        for first in _first(question):
            await self._told(editions, first)
        for key, number in editions.items():
            if number and len(editions) > 1:
                with suppress(NothingReviewed, QuestionUnknown):
                    await self._told({key: number}, await self._of_one(key, question))
        before = []
        for whose, asked, figures in await self._kept(editions):
            if question.contradicts(asked):
                raise ToldOtherwise(question.question, asked.errors, asked.confidence)
            if _bears_on(asked.question, question.question):
                before.append(await self._as_told(whose, asked, figures))
        sample, reviews = await self._of(editions, question)
        figures = settled(
            await asyncio.to_thread(period_figures, sample, reviews, question.asked, before)
        )
        await store.keep_figures(
            self._connection, editions, question.written, write_figures(figures)
        )
        return figures

    async def _of_one(self, key: str, question: Question) -> Question:
        """Ask the same of one period alone, by the usual breakdowns."""
        strata = list((await self._sample(key)).sizes)
        return Question.of(question.asked._replace(by=None), (), strata)

    async def _kept(self, editions: Editions) -> list[tuple[Editions, Question, PeriodFigures]]:
        """Give all that was told of some periods, and of those told together with them."""
        known: set[str] = set()
        wanted = set(editions)
        rows: list[store.FiguresTold] = []
        while wanted - known:
            known |= wanted
            rows = await store.figures_told(self._connection, sorted(known))
            wanted = {key for one in rows for key in one.editions}
        return [(one.editions, read_question(one.asked), read_figures(one.figures)) for one in rows]

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
            if edition := await store.edition(self._connection, key, number):
                try:
                    reviews += store.reviews_of(key, edition.lines, question.question)
                except QuestionUnknown as error:
                    unknown = error
        if unknown and not reviews:
            raise unknown
        return sample, question.told_apart(reviews)

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


def _after(last: Edition | None) -> int:
    return 1 if last is None else last.number + 1


class _Found:
    """What the reviews of a period say at this moment.

    Attributes:
        lines: In the form of a file.
        answers: By drawn decision.
        complete: Whether all that was drawn is reviewed by all who are to review it.
    """

    def __init__(self, lines: Sequence[Line], sample: Sample) -> None:
        self.lines = lines
        self.answers = _answers(lines, sample)
        self.complete = (
            bool(sample.drawn)
            and len(self.answers) == len(sample.drawn)
            and not any(_unsettled(one) for one in self.answers.values())
        )

    def is_new_beside(self, last: Edition, sample: Sample) -> bool:
        """Whether so many decisions have another answer that a figure may tell of them."""
        before = _answers(last.lines, sample)
        decisions = self.answers.keys() | before.keys()
        other = sum(self.answers.get(one) != before.get(one) for one in decisions)
        return other >= MINIMUM


def _answers(lines: Sequence[Line], sample: Sample) -> dict[str, dict[str, str]]:
    columns, *rows = lines
    at = columns.index(DECISION)
    return {
        row[at]: {
            name: said
            for name, said in zip(columns, row, strict=True)
            if said not in {"", NOT_ASKED}
        }
        for row in rows
        if row[at] in sample.drawn
    }


def _unsettled(answers: Mapping[str, str]) -> bool:
    """Whether two reviewers differ without a third one's word."""
    second = answers.get(SECOND)
    return second is not None and second != answers[ON_THE_FILE] and SETTLED not in answers

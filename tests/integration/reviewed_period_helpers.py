"""A closed period whose reviews stand in the register, and the same by the test's own account."""

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from pydantic_core import from_json, to_json

from services.controlling.figures.releasing import releasing
from services.controlling.forms import store as catalogues
from services.controlling.forms.catalogue import Criteria
from services.controlling.periods.opening import Periods
from services.controlling.policy.policy import Policy
from services.controlling.reviews.opening import ReviewOpener
from shared.events.catalogue.case import AppealDecided, AppealRemedied, CourtDecided
from shared.events.registry import Facts
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    SEED_KEY,
    ZONE,
    apply,
    case_events,
    closer,
    decided,
    holding_of,
    policy,
)
from tests.integration.review_helpers import CALENDAR

NOW_ASKED = Criteria.load(DecisionTypes.load())
EARLIER = Criteria.kept(
    to_json({
        "version": "criteria-0",
        "criteria": [
            one for one in from_json(NOW_ASKED.document)["criteria"] if one["code"] != "S1"
        ],
    }).decode()
)  # fmt: skip
"""A catalogue from before anybody asked whether letters are understood."""
CRITERIA = ("F2", "V2", "S1")
VERDICTS = ("correct", "correct", "correct", "disputable", "wrong_legal_ground", "wrong")
GRADES = ("correct", "correct", "minor_error", "significant_error", "not_applicable")
TYPES = ("AufenthG-18b", "AufenthG-18g", "AufenthG-28")
HALF = policy("0.7", minimum=6).model_copy(update={"double_reviews": Decimal("0.4")})

Row = Mapping[str, str]


async def closed(
    pool: Pool, decisions: int, in_force: Policy = HALF, months: Sequence[int] = (5,)
) -> None:
    """Let so many decisions of each month of 2026 be drawn, close it and open their reviews."""
    await pool.execute("DELETE FROM case_event")
    for month in months:
        made = [
            decided(1_000 * month + number, MAY.replace(month=month), type_code=TYPES[number % 3])
            for number in range(decisions)
        ]
        await apply(pool, case_events(in_force), *made)
        await closer(pool).close(f"2026-{month:02}", JUNE)
    while await ReviewOpener(pool, CALENDAR, holding_of(pool, Loop.REVIEWS)).open(JUNE):
        pass


async def closed_without_decisions(pool: Pool) -> None:
    """Open April 2026 ahead, as controlling does, and close it."""
    async with pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection)
        march, until = datetime(2026, 3, 10, tzinfo=UTC), date(2026, 4, 2)
        periods = Periods(SEED_KEY, HALF)
        coming = await periods.coming(march, until, tx)
        assert await periods.open_ahead(coming, tx) == ["2026-04"]
        await tx.flush()
    await closer(pool).close("2026-04", JUNE)


async def released(pool: Pool, *keys: str) -> None:
    """Release the figures of closed periods, as leadership says it."""
    for key in keys:
        async with releasing(pool, ZONE) as release:
            await release.by_name(key)


class Reviewers:
    """Reviews a closed period by chance, in the database and in a table of its own."""

    def __init__(self, owner: asyncpg.Connection, pool: Pool, seed: int) -> None:
        self._owner = owner
        self._pool = pool
        self._chance = random.Random(seed)

    async def review(self, *, ended: float = 0.9) -> list[Row]:
        """Review what waits; gives the rows that a file of it would have.

        Args:
            ended: Share of the reviews that are signed; the others are open or open again.
        """
        async with self._pool.acquire() as connection:
            for one in (NOW_ASKED, EARLIER):
                await catalogues.keep(connection, one)
        waiting = await self._owner.fetch(
            "SELECT decision.decision_id, case_ref, stratum, type_code,"
            " array_agg(review.id ORDER BY round) AS reviews"
            " FROM controlling.review JOIN controlling.decision USING (decision_id)"
            " WHERE state = 'waiting' GROUP BY decision.decision_id ORDER BY decision.decision_id"
        )
        rows = [await self._decision(one, ended) for one in waiting]
        return [row for row in rows if row is not None]

    async def _decision(self, of: asyncpg.Record, ended: float) -> Row | None:
        pick, at = self._chance.choice, JUNE + timedelta(days=self._chance.randrange(60))
        asked = pick([NOW_ASKED, EARLIER])
        first = {"on_the_file": pick(VERDICTS), "on_the_facts": pick(VERDICTS)}
        known = {one.code for one in asked.criteria}
        first |= {code: pick(GRADES) for code in CRITERIA if code in known and pick([True, False])}
        signed = [self._chance.random() < ended for _ in of["reviews"]]
        put_right = await self._happens(of, at)
        await self._answers(of["reviews"][0], first, signed[0], at, asked)
        row = {
            "decision": of["decision_id"],
            "stratum": of["stratum"],
            "decision_type": of["type_code"],
            **{name: first[name] for name in ("on_the_file", "on_the_facts")},
            "second": "",
            "settled": "",
            "put_right": "yes" if put_right else "no",
            **{code: first.get(code) or _none(code in known) for code in CRITERIA},
        }
        if len(signed) > 1:
            second = {name: pick(VERDICTS) for name in ("on_the_file", "on_the_facts")}
            await self._answers(of["reviews"][1], second, signed[1], at, asked)
            row["second"] = second["on_the_file"]
            if all(signed) and second["on_the_file"] != first["on_the_file"]:
                row["settled"] = await self._settle(of, at, asked)
        return row if all(signed) else None

    async def _settle(self, of: asyncpg.Record, at: datetime, asked: Criteria) -> str:
        """Open the review of who settles, and perhaps let them sign."""
        third, done = uuid4(), self._chance.random() < 0.7
        await self._owner.execute(
            "INSERT INTO controlling.review (id, decision_id, period, round, decision_group, unit,"
            " priority, state, due, opened_at)"
            " SELECT $1, decision_id, period, 3, decision_group, unit, priority, 'waiting', due,"
            " opened_at FROM controlling.review WHERE decision_id = $2 AND round = 1",
            third, of["decision_id"],
        )  # fmt: skip
        verdict = self._chance.choice(VERDICTS)
        await self._answers(third, {"on_the_file": verdict}, done, at, asked)
        if done:
            await self._owner.execute(
                "UPDATE controlling.review SET state = 'closed', closed_at = signed_at"
                " WHERE decision_id = $1 AND round < 3",
                of["decision_id"],
            )
        return verdict if done else ""

    async def _answers(
        self, review: UUID, answers: Row, signed: bool, at: datetime, asked: Criteria
    ) -> None:
        """Answer, perhaps after somebody else, perhaps changing one's mind; then sign or not."""
        taken, change = at - timedelta(hours=3), self._chance.random() < 0.3
        await self._owner.execute(
            "UPDATE controlling.review SET state = $2, taken_at = $3, signed_at = $4, form = $5,"
            " form_digest = $6 WHERE id = $1",
            review, "signed" if signed else self._chance.choice(["in_review", "taken"]), taken,
            at if signed else None, asked.version, asked.digest,
        )  # fmt: skip
        written = []
        for question, grade in answers.items():
            versions: list[tuple[str | None, datetime]] = [(grade, taken + timedelta(hours=1))]
            if change:
                versions = [
                    ("wrong", taken - timedelta(days=1)),
                    (None, taken),
                    ("correct", taken + timedelta(minutes=1)),
                    *versions,
                ]
            written += [
                (review, question, number, said, "human", when)
                for number, (said, when) in enumerate(versions, start=1)
            ]
        if self._chance.random() < 0.2:
            written.append((review, "V1", 1, "significant_error", "human", taken - timedelta(1)))
        await self._owner.executemany(
            "INSERT INTO controlling.answer (review, question, version, grade, origin, saved_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            written,
        )

    async def _happens(self, of: asyncpg.Record, signed_at: datetime) -> bool:
        """Let something happen to the case; tells whether that put the decision right in time."""
        happenings: list[tuple[type[Facts], dict[str, str], bool] | None] = [
            None,
            None,
            (AppealRemedied, {}, True),
            (AppealDecided, {"outcome": "reversed"}, True),
            (AppealDecided, {"outcome": "upheld"}, False),
            (CourtDecided, {"outcome": "partly_reversed"}, True),
        ]
        happening = self._chance.choice(happenings)
        if happening is None:
            return False
        kind, facts, counts = happening
        early = self._chance.random() < 0.7
        about = self._chance.choice([of["decision_id"], of["decision_id"], "decision-other"])
        await self._owner.execute(
            "INSERT INTO controlling.case_event (case_ref, sequence, type, at, data)"
            " SELECT $1, count(*) + 1, $2, $3, $4 FROM controlling.case_event WHERE case_ref = $1",
            of["case_ref"], kind.event_type, MAY + timedelta(days=1) if early else signed_at,
            to_json({**facts, "decision_id": about}).decode(),
        )  # fmt: skip
        return counts and early and about == of["decision_id"]


def _none(known: bool) -> str:
    return "not_applicable" if known else "not_asked"


def write(rows: Sequence[Row], file: Path) -> Path:
    """Write rows as a file, in another order than the register's."""
    with file.open("w", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return file

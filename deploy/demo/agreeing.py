"""What invented people agree on findings, and how far that has come by today."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploy.demo.fate import Oracle
from deploy.demo.reviewers import Agreed, Course
from deploy.demo.reviewing import Crew
from services.controlling.accounts.account import Account, Role
from services.controlling.audit.store import changing
from services.controlling.findings import store as findings
from services.controlling.findings.life import State
from services.controlling.findings.store import Line
from services.controlling.forms.law import Law
from services.controlling.measures import following, store
from services.controlling.measures.measure import Plan
from services.controlling.measures.store import Filter
from services.intake.simulation.chance import Chance
from shared.postgres.pool import Pool

_ALL = 100_000
_DONE_AFTER, _DUE_AFTER, _DUE_IN = 8, 15, 20
"""Working days from the agreement until it is done or due, and from today until others are due."""


@dataclass(frozen=True, slots=True)
class Story:
    """A measure with its end so far.

    Attributes:
        at: When it was agreed.
        done_at: When it was carried out, or would have been.
    """

    plan: Plan
    at: datetime
    done_at: datetime
    course: Course


def story(code: str, agreed: Agreed, found: Sequence[Line], oracle: Oracle) -> Story | None:
    """Tell what was agreed on the findings about a question; None if that was not before today.

    Half of them were there by then. Pure.
    """
    if agreed.owner is Role.UNIT_HEAD:
        unit, _ = max(sorted(Counter(one.unit for one in found).items()), key=lambda one: one[1])
        found = [one for one in found if one.unit == unit]
    else:
        unit = None
    known = sorted(found, key=lambda one: one.raised_at)[: (len(found) + 1) // 2]
    chance = Chance(oracle.seed, "measure", code)
    calendar = oracle.calendar
    at = oracle.later(chance, calendar.day_of(known[-1].raised_at), 2)
    done_at = oracle.later(chance, calendar.day_of(at), _DONE_AFTER)
    happened = done_at if agreed.course in (Course.DONE, Course.CHECKED) else at
    if not oracle.is_past(happened):
        return None
    due = calendar.add_working_days(calendar.day_of(at), _DUE_AFTER)
    if agreed.course is Course.AGREED:
        due = calendar.add_working_days(oracle.today, _DUE_IN)
    numbers = tuple(sorted(one.number for one in known))
    plan = Plan(agreed.kind, agreed.title, agreed.owner, unit, due, numbers)
    return Story(plan, at, done_at, agreed.course)


async def agree(pool: Pool, oracle: Oracle, crew: Crew, now: datetime) -> int:
    """Agree measures, unless there are any already; gives how many."""
    async with pool.acquire() as connection:
        if (await store.page(connection, Filter(), store.MEASURES.usual, "{}")).lines:
            return 0
        page = await findings.page(
            connection,
            findings.Filter(),
            findings.FINDINGS.usual.whole(_ALL),
            words="{}",
            today=oracle.today,
        )
    told = _stories(oracle, page.lines)
    who = next(one for one in crew.people if one.role is Role.CONTROLLING)
    for one in told:
        await _live(pool, who, one, (oracle, crew.practice.law), now)
    return len(told)


def _stories(oracle: Oracle, lines: Sequence[Line]) -> Sequence[Story]:
    found: Mapping[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.kept is not State.WITHDRAWN:
            found[line.question].append(line)
    told = (
        story(code, agreed, found[code], oracle)
        for code, agreed in oracle.assumed.measures.items()
        if found[code]
    )
    return sorted((one for one in told if one), key=lambda one: one.at)


async def _live(
    pool: Pool, who: Account, told: Story, known: tuple[Oracle, Law], now: datetime
) -> None:
    oracle, law = known
    async with changing(pool) as change:
        number = await following.agree(change, who, told.plan, told.at)
        if told.course is Course.DROPPED:
            await following.drop(change, who, number, oracle.assumed.dropped[0], told.done_at)
        if told.course in (Course.DONE, Course.CHECKED):
            await following.carry_out(change, who, number, told.done_at)
        if told.course is Course.CHECKED:
            await following.check(change, who, number, now, law)

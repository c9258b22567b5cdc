"""What invented heads of units say to findings, and what invented leadership makes of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploy.demo.fate import Oracle
from deploy.demo.reviewers import Reply
from services.controlling.accounts.account import Account, Role
from services.controlling.audit.store import Change, changing
from services.controlling.findings import replying, store
from services.controlling.findings.life import Step
from services.controlling.findings.store import Done, Filter, Whole
from services.intake.simulation.chance import Chance
from shared.postgres.pool import Pool

_ALL = 100_000
_NEW = 1
"""The version of a finding with which nothing was done yet."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Something that is done with a finding, and when."""

    done: Done
    at: datetime


def course(found: Whole, oracle: Oracle) -> Sequence[Timed]:
    """Tell what was done with a finding until today: what the unit says, then leadership. Pure."""
    says = oracle.assumed.replies
    chance = Chance(oracle.seed, "finding", found.decision_id, found.question)
    said = chance.pick(says.says)
    steps = []
    known = found.due
    if said is not Reply.NONE:
        raised = oracle.calendar.day_of(found.raised_at)
        at = oracle.later(chance, raised, chance.between(says.after.shortest, says.after.longest))
        known = oracle.calendar.day_of(at)
        text = chance.pick(_evenly(says.disputes)) if said is Reply.DISAGREE else ""
        day = known if said is Reply.PUT_RIGHT else None
        steps.append(Timed(Done(Step(said.value), text, day), at))
    if chance.happens(says.settled):
        days = says.settled_after
        at = oracle.later(chance, known, chance.between(days.shortest, days.longest))
        disputed = said is Reply.DISAGREE
        gives_way = disputed and chance.happens(says.gives_way)
        reasons = says.withdrawals if gives_way else says.upholds
        text = chance.pick(_evenly(reasons)) if disputed else ""
        steps.append(Timed(Done(Step.WITHDRAW if gives_way else Step.UPHOLD, text), at))
    return [one for one in steps if oracle.is_past(one.at)]


async def reply(pool: Pool, oracle: Oracle, people: Collection[Account]) -> int:
    """Let invented people reply to findings with which nothing was done, and settle some.

    Gives to how many of them somebody has said something.
    """
    async with pool.acquire() as connection:
        every = store.FINDINGS.usual.whole(_ALL)
        page = await store.page(connection, Filter(), every, words="{}", today=oracle.today)
        found = [await store.read(connection, one.number, None) for one in page.lines]
    done = 0
    for one in found:
        steps = course(one, oracle) if one.version == _NEW else ()
        if steps:
            async with changing(pool) as change:
                done += await _do(change, one, steps, oracle, people)
    return done


async def _do(
    change: Change,
    found: Whole,
    steps: Sequence[Timed],
    oracle: Oracle,
    people: Collection[Account],
) -> bool:
    version = found.version
    for one in steps:
        leads = one.done.step in (Step.UPHOLD, Step.WITHDRAW)
        who = await _leader(change, found, people) if leads else _head(found, people)
        if who is None:
            break
        does = replying.settle if leads else replying.reply
        days = oracle.calendar
        await does(change, who, found.number, one.done, based_on=version, now=one.at, calendar=days)
        version += 1
    return version > found.version


def _head(found: Whole, people: Collection[Account]) -> Account | None:
    heads = (one for one in people if one.role is Role.UNIT_HEAD and one.unit == found.unit)
    return next(heads, None)


async def _leader(change: Change, found: Whole, people: Collection[Account]) -> Account | None:
    """Give somebody who may say what holds: not always the same."""
    leaders = sorted(
        (one for one in people if one.role is Role.LEADERSHIP), key=lambda one: one.login
    )
    for at in range(len(leaders)):
        one = leaders[(found.number + at) % len(leaders)]
        if await store.may_settle(change.connection, found.decision_id, one.id):
            return one
    return None


def _evenly(texts: Sequence[str]) -> dict[str, float]:
    return dict.fromkeys(texts, 1.0)

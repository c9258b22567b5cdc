"""A drawn decision with its case, and somebody who has taken its review, for tests of its page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg

from services.controlling.audit.store import changing
from services.controlling.forms import store as catalogues
from services.controlling.forms.catalogue import Criteria
from services.controlling.reviews import answering
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.reviews.store import Begun
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionDispatched,
    DecisionNotified,
    HearingAnswered,
    HearingSent,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import IntakeChannel
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import (
    MAY,
    about,
    apply,
    case_events,
    decided,
    decision_id,
    empty,
    holding_of,
    policy,
)
from tests.integration.review_helpers import CALENDAR, NOW, Person
from tests.integration.workbench_helpers import Workbench

CRITERIA = Criteria.load(DecisionTypes.load())
_EMPTIED = (
    "answer",
    "finding_step",
    "finding",
    "review",
    "recusal",
    "vetted_account",
    "case_event",
)


def happened(number: int, sequence: int, facts: Facts, days: int) -> Event:
    return about(number, facts, MAY + timedelta(days=days))._replace(sequence=sequence)


def case(number: int) -> list[Event]:
    """A refusal of a Blue Card: heard, answered, decided, sent by post."""
    decision = decision_id(number)
    return [
        happened(number, 1, ApplicationReceived(
            channel=IntakeChannel.ONLINE, service_key="99010001001012", unit="unit-2"
        ), -40),
        happened(number, 2, HearingSent(due=date(2026, 4, 20)), -30),
        happened(number, 3, HearingAnswered(), -20),
        decided(
            number,
            type_code="AufenthG-18g",
            direction="adverse",
            unit="unit-2",
            dataref="vis:4711",
            reasons_given=True,
            remedy_instruction="rb-widerspruch-1",
        )._replace(sequence=4),
        happened(number, 5, DecisionDispatched(decision_id=decision, channel="post"), 1),
        happened(
            number,
            6,
            DecisionNotified(decision_id=decision, notified_on=date(2026, 5, 8)),
            5,
        ),
    ]  # fmt: skip


async def emptied(pages: Workbench, database_url: str) -> None:
    """Remove what earlier tests left of reviews; services may not."""
    owner = await asyncpg.connect(database_url)
    tables = ", ".join(f"controlling.{table}" for table in _EMPTIED)
    await owner.execute(f"TRUNCATE {tables} CASCADE")
    await owner.close()
    await empty(database_url)


async def taken(
    pages: Workbench, account: UUID, *, number: int = 1, a_round: int = 1, takes: bool = True
) -> UUID:
    """Give somebody the review of a decision in a round; they declare no conflict."""
    drawn = await pages.pool.fetchval(
        "SELECT true FROM draw WHERE decision_id = $1", decision_id(number)
    )
    if not drawn:
        twice = policy("1").model_copy(update={"double_reviews": Decimal(1)})
        await apply(pages.pool, case_events(twice), *case(number))
        await ReviewOpener(pages.pool, CALENDAR, holding_of(pages.pool, Loop.REVIEWS)).open(NOW)
    review: UUID = await pages.pool.fetchval(
        "UPDATE review SET state = 'assigned', account = $3, assigned_at = now()"
        " WHERE decision_id = $1 AND round = $2 RETURNING id",
        decision_id(number), a_round, account,
    )  # fmt: skip
    if takes:
        async with changing(pages.app.state.pool) as change:
            await catalogues.keep(change.connection, CRITERIA)
            form = Begun(CRITERIA.version, CRITERIA.digest, 19)
            await answering.take(change, Person(account), review, form, datetime.now(UTC))
    return review

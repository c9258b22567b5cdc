"""Closed periods become lots by the reviews that are signed, once, and again when one changes."""

import asyncpg
import pytest

from services.controlling.forms import store as catalogues
from services.controlling.lots.finder import LotFinder
from services.controlling.planning.acceptance import Inspection
from services.controlling.planning.switching import Result
from services.controlling.policy import entering
from services.controlling.policy.entering import Found
from services.controlling.policy.errors import ErrorsCounted, ErrorsUncounted
from services.controlling.policy.policy import Policy
from services.controlling.reviews.opening import ReviewOpener
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import (
    JUNE,
    apply,
    case_events,
    closer,
    decided,
    holding_of,
)
from tests.integration.review_helpers import CALENDAR, NOW, Desk
from tests.integration.reviewed_period_helpers import NOW_ASKED

pytestmark = pytest.mark.stack

STRATUM = "work/adverse/unit-2"
PLANNED = Policy.model_validate(
    {
        "version": "planned",
        "default_rate": "0",
        "rates": [{"inspection": {"quality": "2.5", "lot": 100}, "why": "by plan"}],
    },
    strict=False,
)


async def inspected(desk: Desk, decisions: int = 100) -> list[str]:
    """Close a month of one stratum; gives the decisions that its plan looks at."""
    made = [decided(number, direction="adverse", unit="unit-2") for number in range(decisions)]
    await apply(desk.controlling, case_events(PLANNED), *made)
    await closer(desk.controlling).close("2026-05", JUNE)
    while await ReviewOpener(
        desk.controlling, CALENDAR, holding_of(desk.controlling, Loop.REVIEWS)
    ).open(JUNE):
        pass
    async with desk.controlling.acquire() as connection:
        await catalogues.keep(connection, NOW_ASKED)
    [level] = await entering.levels(desk.controlling)
    assert level.plan is not None
    rows = await desk.owner.fetch(
        "SELECT decision_id FROM controlling.decision ORDER BY ticket LIMIT $1", level.plan.n
    )
    return [row["decision_id"] for row in rows]


async def sign(desk: Desk, decision: str, verdict: str) -> None:
    """Let the first review of a decision be signed with a verdict, perhaps once more."""
    review = await desk.owner.fetchval(
        "UPDATE controlling.review SET state = 'signed', taken_at = $2, signed_at = $2,"
        " version = version + 1, form = 'x', form_digest = $3"
        " WHERE decision_id = $1 AND round = 1 RETURNING id",
        decision, NOW, NOW_ASKED.digest,
    )  # fmt: skip
    for question in ("on_the_file", "on_the_facts"):
        await desk.owner.execute(
            "INSERT INTO controlling.answer (review, question, version, grade, origin, saved_at)"
            " SELECT $1, $2, count(*) + 1, $3, 'human', $4 FROM controlling.answer"
            " WHERE review = $1 AND question = $2",
            review, question, verdict, NOW,
        )  # fmt: skip


async def results(desk: Desk) -> list[asyncpg.Record]:
    return await desk.owner.fetch("SELECT * FROM controlling.lot_result")


async def test_a_lot_has_its_result_when_the_last_review_of_its_sample_is_signed(
    desk: Desk,
) -> None:
    sample = await inspected(desk)
    finder = LotFinder(desk.controlling, holding_of(desk.controlling, Loop.LOTS))
    for decision in sample[:-1]:
        await sign(desk, decision, "wrong" if decision in sample[:2] else "correct")
    assert await finder.look() is False
    assert await results(desk) == []
    await sign(desk, sample[-1], "correct")
    await finder.look()
    [lot] = await results(desk)
    assert (lot["stratum"], lot["errors"], lot["counted"]) == (STRATUM, 2, True)
    by_hand = await desk.owner.fetchrow("SELECT * FROM controlling.lot_result")
    await finder.look()
    await LotFinder(desk.controlling, holding_of(desk.controlling, Loop.LOTS)).look()
    assert await results(desk) == [by_hand]
    [level] = await entering.levels(desk.controlling)
    assert level.state.results == (Result.NOT_ACCEPTED,)


async def test_a_changed_review_changes_the_result_and_no_statement_of_leadership(
    desk: Desk,
) -> None:
    sample = await inspected(desk)
    finder = LotFinder(desk.controlling, holding_of(desk.controlling, Loop.LOTS))
    for decision in sample:
        await sign(desk, decision, "correct")
    await finder.look()
    said = Found("2026-05", STRATUM, None, may_reduce=True, steady=False)
    assert (await entering.enter(desk.controlling, said, NOW))[0] is Result.ACCEPTED
    await desk.owner.execute(
        "UPDATE controlling.review SET state = 'in_review', signed_at = NULL,"
        " version = version + 1 WHERE decision_id = ANY($1)",
        sample[:2],
    )
    await finder.look()
    [lot] = await results(desk)
    assert lot["errors"] == 0
    for decision in sample[:2]:
        await sign(desk, decision, "wrong")
    await finder.look()
    [lot] = await results(desk)
    assert (lot["errors"], lot["result"], lot["may_reduce"], lot["steady"]) == (2, "R", True, False)
    assert lot["inspection"] == Inspection.NORMAL


async def test_what_is_entered_by_hand_never_contradicts_what_was_signed(desk: Desk) -> None:
    sample = await inspected(desk)
    with pytest.raises(ErrorsUncounted, match="isn't reviewed whole"):
        await entering.enter(desk.controlling, Found("2026-05", STRATUM, None), NOW)
    await entering.enter(desk.controlling, Found("2026-05", STRATUM, 3), NOW)
    for decision in sample:
        await sign(desk, decision, "correct")
    await LotFinder(desk.controlling, holding_of(desk.controlling, Loop.LOTS)).look()
    [lot] = await results(desk)
    assert (lot["errors"], lot["counted"]) == (0, True)
    with pytest.raises(ErrorsCounted, match="signed reviews show 0"):
        await entering.enter(desk.controlling, Found("2026-05", STRATUM, 3), NOW)
    await entering.enter(desk.controlling, Found("2026-05", STRATUM, 0), NOW)
    [lot] = await results(desk)
    assert lot["counted"]

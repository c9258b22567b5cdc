"""One decision or period that can't be worked on holds up none of the loops of reviews."""

import pytest

from services.controlling.lots.finder import LotFinder
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.reviews.opening import OVERDUE, ReviewOpener
from shared.held_items.holding import Holding, ItemsHeld
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import (
    ZONE,
    apply,
    case_events,
    decision_id,
    holding_of,
    let_go,
    policy,
)
from tests.integration.review_helpers import CALENDAR, NAMES, NOW, Desk, by
from tests.integration.test_lots import inspected, results, sign

pytestmark = pytest.mark.stack

NEVER = "9999-12-31 23:30+00"
"""A moment that Germany's calendar doesn't know."""


async def held(holding: Holding) -> frozenset[str]:
    found = await holding.look()
    if found:
        with pytest.raises(ItemsHeld, match="gleichfall held list"):
            await holding.check()
    return found


async def opened(desk: Desk) -> set[str]:
    rows = await desk.owner.fetch("SELECT decision_id FROM controlling.review")
    return {row["decision_id"] for row in rows}


async def test_a_review_that_cannot_be_opened_waits_alone(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.REVIEWS)
    opener = ReviewOpener(desk.controlling, CALENDAR, holding)
    await apply(desk.controlling, case_events(policy("1")), *(by(9, number) for number in range(3)))
    ill, *well = map(decision_id, range(3))
    drawn = await desk.owner.fetchval(
        f"UPDATE controlling.draw SET drawn_at = '{NEVER}' WHERE decision_id = $1 RETURNING now()",
        ill,
    )

    await opener.look()
    assert await opened(desk) == set(well)
    assert await held(holding) == {ill}

    await desk.owner.execute("UPDATE controlling.draw SET drawn_at = $1", drawn)
    await let_go(desk.controlling)
    await opener.look()
    assert await opened(desk) == {ill, *well}
    assert await held(holding) == frozenset()


async def test_a_review_of_which_nobody_can_be_told_waits_alone(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.REVIEWS)
    opener = ReviewOpener(desk.controlling, CALENDAR, holding)
    await desk.drawn(*(by(9, number) for number in range(3)))
    await desk.owner.execute("UPDATE controlling.review SET due = '2020-01-01'")
    ill = await desk.owner.fetchval(
        "UPDATE controlling.review SET due = '0044-03-15 BC' WHERE decision_id = $1 RETURNING id",
        decision_id(0),
    )

    await opener.announce_overdue(NOW)

    assert await desk.published() == ["review.overdue", "review.overdue"]
    assert await held(holding) == {f"{OVERDUE}{ill}"}


async def test_a_decision_of_which_nobody_knows_who_may_not_review_it_waits_alone(
    desk: Desk,
) -> None:
    holding = holding_of(desk.controlling, Loop.RECUSAL)
    who = await desk.person(1)
    await desk.drawn(by(1, 1), by(1, 2))
    await desk.owner.execute("UPDATE controlling.review SET vetted = false")
    await desk.owner.execute("DELETE FROM controlling.recusal")
    await desk.owner.execute(
        f"UPDATE controlling.decision SET decided_at = '{NEVER}' WHERE decision_id = $1",
        decision_id(1),
    )

    while await RecusalFinder(desk.controlling, NAMES, ZONE, holding).look():
        pass

    rows = await desk.owner.fetch("SELECT decision_id, account, excluded FROM controlling.recusal")
    assert [tuple(row) for row in rows] == [(decision_id(2), who.id, True)]
    assert await held(holding) == {decision_id(1)}


async def test_a_period_whose_results_cannot_be_counted_waits_alone(desk: Desk) -> None:
    holding = holding_of(desk.controlling, Loop.LOTS)
    finder = LotFinder(desk.controlling, holding)
    sample = await inspected(desk)
    for decision in sample:
        await sign(desk, decision, "correct")
    policy_of = "UPDATE controlling.period SET policy = $1 WHERE key = '2026-05' RETURNING policy"
    before = await desk.owner.fetchval("SELECT policy FROM controlling.period")
    await desk.owner.fetchval(policy_of, "{}")

    await finder.look()
    assert await results(desk) == []
    assert await held(holding) == {"2026-05"}

    await desk.owner.fetchval(policy_of, before)
    await let_go(desk.controlling)
    await finder.look()
    assert len(await results(desk)) == 1
    assert await held(holding) == frozenset()

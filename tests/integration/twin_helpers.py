"""Like cases with different outcomes, for tests of what becomes of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.controlling.accounts.account import Role
from services.controlling.policy.policy import TwinFeature, Twins
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from shared.events.event import Event
from shared.events.vocabulary import Direction
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import (
    MAY,
    SEED_KEY,
    ZONE,
    apply,
    case_events,
    decided,
    decision_id,
    holding_of,
    policy,
)
from tests.integration.review_form_helpers import case
from tests.integration.review_helpers import CALENDAR, NOW
from tests.integration.workbench_helpers import Workbench

ALIKE = policy(
    "0",
    twins=Twins(
        features=(TwinFeature(field="features.years", scale=Decimal(5)),),
        within_days=30,
        maximum_distance=Decimal(0),
        per_week=100,
    ),
)


def half(number: int, direction: Direction, *, years: int = 3, unit: str = "unit-3") -> Event:
    """One of like cases; those with other years aren't. Who decided it isn't known of a twin."""
    return decided(
        number,
        MAY + timedelta(hours=number),
        direction=direction,
        features={"years": years},
        unit=unit,
    )


def pair(number: int, *units: str) -> list[Event]:
    """A refusal and a grant that are alike, and like nothing else; of units if need be."""
    refused, granted = units or ("unit-3", "unit-4")
    return [
        half(number, Direction.ADVERSE, years=10 * number, unit=refused),
        half(number + 100, Direction.FAVOURABLE, years=10 * number, unit=granted),
    ]


FEATURES = {"livelihood-secured": True, "years-of-stay": 4}
ALIKE_IN_ALL = policy(
    "0",
    twins=Twins(
        features=(TwinFeature(field="features.livelihood-secured"),),
        within_days=30,
        maximum_distance=Decimal(0),
        per_week=100,
    ),
)


def refused() -> list[Event]:
    """A refusal of a Blue Card with all that belongs to it."""
    return [
        one._replace(data=one.data.model_copy(update={"features": FEATURES}))
        if hasattr(one.data, "features")
        else one
        for one in case(1)
    ]


def granted() -> list[Event]:
    """A grant in a like case, of which nothing else is recorded; a year longer in the country."""
    return [
        decided(
            2,
            MAY + timedelta(days=2),
            type_code="AufenthG-18g",
            direction=Direction.FAVOURABLE,
            unit="unit-3",
            features=FEATURES | {"years-of-stay": 5},
        )
    ]


async def drawn_pair(pages: Workbench, *, twice: bool = False) -> tuple[UUID, UUID]:
    """Give the first reviews of a refusal and a like grant; two may review each of them blindly."""
    by_chance = {"default_rate": Decimal(1), "double_reviews": Decimal(1), "version": "twice"}
    in_force = ALIKE_IN_ALL.model_copy(update=by_chance if twice else {})
    await apply(pages.pool, case_events(in_force), *refused(), *granted())
    finder = TwinFinder(pages.pool, holding_of(pages.pool, Loop.TWIN_FINDER))
    while await finder.look():
        pass
    await TwinRounds(pages.pool, SEED_KEY, ZONE).draw_now(datetime.now(UTC))
    await ReviewOpener(pages.pool, CALENDAR, holding_of(pages.pool, Loop.REVIEWS)).open(NOW)
    rows = await pages.pool.fetch("SELECT decision_id, id FROM review WHERE round = 1")
    ids: dict[str, UUID] = {row["decision_id"]: row["id"] for row in rows}
    return ids[decision_id(1)], ids[decision_id(2)]


async def held_pair(pages: Workbench, *, together: bool = True) -> tuple[UUID, UUID]:
    """Give who leads a refusal and a like grant, not begun; or the refusal alone."""
    both = await drawn_pair(pages)
    await pages.pool.execute(
        "UPDATE review SET state = 'assigned', account = $1, assigned_at = now()"
        " WHERE id = ANY($2::uuid[])",
        pages.accounts[Role.LEADERSHIP], list(both if together else both[:1]),
    )  # fmt: skip
    return both

"""The papers that a case brings: a provisional one while it lasts, then a permit and its card.

They have a chance of their own, so that cases live as they would without them.
"""

from datetime import datetime

from services.intake.simulation.chance import Chance
from services.intake.simulation.story import Story
from shared.events.catalogue.paper import (
    CardCollected,
    CardReady,
    PermitIssued,
    ProvisionalPaperIssued,
)
from shared.law.months import add_months


def bridge(story: Story, received: datetime, decided: datetime) -> None:
    """Tell the provisional paper of who waits long for a permit (§ 81(5) AufenthG)."""
    habits, chance = story.world.assumptions.papers, Chance(story.ref, "provisional")
    issued = story.world.later(received, habits.provisional_after_working_days, chance)
    if not story.plan.group.permit or issued >= decided or not chance.happens(habits.provisional):
        return
    until = add_months(story.world.calendar.day_of(issued), habits.provisional_months)
    story.tell(issued, ProvisionalPaperIssued(valid_until=until))


def hand_out(story: Story, decided: datetime) -> None:
    """Tell the permit that was granted, and how its card gets into its owner's hands."""
    if not story.plan.group.permit or story.plan.service is None:
        return
    world, habits, chance = story.world, story.world.assumptions.papers, Chance(story.ref, "card")
    months = chance.between(habits.permit_months.shortest, habits.permit_months.longest)
    until = add_months(world.calendar.day_of(decided), months)
    issued = world.later(decided, 0, chance)
    made = chance.between(habits.card_working_days.shortest, habits.card_working_days.longest)
    ready = world.later(issued, made, chance)
    waited = habits.collected_working_days
    collected = world.later(ready, chance.between(waited.shortest, waited.longest), chance)
    story.tell(issued, PermitIssued(valid_until=until))
    story.tell(ready, CardReady(office=story.plan.service.offices[0]))
    story.tell(collected, CardCollected())

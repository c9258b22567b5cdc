"""The decision and everything after it: notice, correction, appeal, court."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from services.intake.simulation.story import Story
from services.intake.simulation.truth import (
    Circumstances,
    Grade,
    TrueDecision,
    Truth,
    draw_truth,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealForwarded,
    AppealLodged,
    AppealRemedied,
    CourtActionFiled,
    CourtDecided,
    DecisionCorrected,
    DecisionDispatched,
    DecisionMade,
    DecisionNotified,
    DecisionWithdrawn,
)
from shared.events.vocabulary import AppealOutcome, Direction, FeatureValue
from shared.law.months import add_months
from shared.security.pseudonyms import PseudonymKind

_POST = "post"
_LIVELIHOOD, _PASSPORT = 0.9, 0.95
_POOR, _NO_PASSPORT = 2.5, 2.0
# Keeps the mean of `_adverse_probability` at the group's own share.
_MEAN_RISK = (_LIVELIHOOD + (1 - _LIVELIHOOD) * _POOR) * (
    _PASSPORT + (1 - _PASSPORT) * _NO_PASSPORT
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision before it is made: drawn first, because what goes wrong shows on the way."""

    circumstances: Circumstances
    truth: Truth
    features: dict[str, FeatureValue]
    channel: str

    @property
    def direction(self) -> Direction:
        """What the decision means for the applicant."""
        return self.circumstances.direction


def draft(story: Story, *, documents_missing: bool, participation: bool) -> Draft:
    """Draw direction and truth of the decision to come."""
    features = _features(story)
    channel = story.chance.pick(story.world.assumptions.decisions.dispatch_channels)
    direction = _direction(story, features)
    plan = story.plan
    circumstances = Circumstances(
        direction=direction,
        applied=plan.service is not None,
        discretion=plan.decision_type.discretion,
        interfering=plan.group.hearing and direction is Direction.ADVERSE,
        documents_missing=documents_missing,
        participation=participation,
        written_form=direction in plan.decision_type.written_form,
        reasons=direction in plan.decision_type.reasons,
        by_post=channel == _POST,
    )
    return Draft(circumstances, _truth(story, circumstances), features, channel)


def decide(story: Story, draft: Draft, at: datetime) -> None:
    """Tell the decision and all that follows."""
    decision_id = story.chance.pseudonym(PseudonymKind.DECISION)
    _make(story, draft, decision_id, at)
    notified = _notify(story, draft, decision_id, at)
    habits = story.world.assumptions.decisions
    if story.chance.happens(habits.corrected):
        corrected = story.later(notified, 1, 20)
        story.tell(corrected, DecisionCorrected(decision_id=decision_id))
    if story.chance.happens(habits.withdrawn_after):
        withdrawn = story.later(notified, 21, 60)
        story.tell(withdrawn, DecisionWithdrawn(decision_id=decision_id))
        return
    appeals = story.world.assumptions.appeals
    adverse = draft.direction is Direction.ADVERSE
    if story.chance.happens(appeals.lodged if adverse else appeals.lodged_otherwise):
        _appeal(story, draft, decision_id, made=at, notified=notified)


def _make(story: Story, draft: Draft, decision_id: str, at: datetime) -> None:
    plan, chance, truth = story.plan, story.chance, draft.truth
    first, second = _officers(story, at)
    adverse = draft.direction is Direction.ADVERSE
    habits = story.world.assumptions.decisions
    co_signed = adverse and chance.happens(habits.co_signed_when_adverse)
    story.tell(
        at,
        DecisionMade(
            decision_id=decision_id,
            type_code=plan.decision_type.code,
            legal_basis=plan.decision_type.legal_basis,
            direction=draft.direction,
            unit=plan.unit.key,
            decider=first,
            co_signer=second if co_signed else None,
            discretion_exercised=_discretion(draft),
            reasons_given=_reasons(draft),
            remedy_instruction=_instruction(truth, habits.remedy_instruction) if adverse else None,
            features=_listed(story, draft.features),
            language="de",
        ),
    )
    story.tell(
        at,
        TrueDecision(
            decision_id=decision_id,
            made_at=at,
            type_code=plan.decision_type.code,
            group=story.world.types.group_of(
                plan.decision_type.code, story.world.calendar.day_of(at)
            ),
            direction=draft.direction,
            unit=plan.unit.key,
            truth=truth,
        ),
    )


def _notify(story: Story, draft: Draft, decision_id: str, made: datetime) -> datetime:
    """Tell dispatch and notification; a wrong day of notification is an error (B1).

    Returns:
        When the decision counts as notified.
    """
    world = story.world
    sent = story.later(made, 0, 2)
    story.tell(sent, DecisionDispatched(decision_id=decision_id, channel=draft.channel))
    sent_on = world.calendar.day_of(sent)
    statute = world.organisation.jurisdiction.procedural_law
    day = world.rules.notified_on(statute, draft.channel, sent_on)
    if day is None:
        return sent
    notified = max(world.calendar.moment(day, time(8)), sent)
    stated = day - timedelta(days=1) if draft.truth.fails("B1") else day
    story.tell(
        notified,
        DecisionNotified(
            decision_id=decision_id,
            notified_on=stated,
            contact_ref=story.contact.contact_ref,
        ),
    )
    return notified


def _appeal(
    story: Story, draft: Draft, decision_id: str, *, made: datetime, notified: datetime
) -> None:
    """Tell an appeal (Widerspruch), which some lodge before the notification."""
    world, chance, habits = story.world, story.chance, story.world.assumptions.appeals
    day = world.calendar.day_of(notified)
    period = add_months(day, world.assumptions.periods.appeal_months) - day
    lodged = chance.moment(notified, notified + period)
    if chance.happens(habits.before_notification):
        lodged = chance.moment(made, notified)
    story.tell(lodged, AppealLodged(decision_id=decision_id))
    if chance.happens(habits.remedied):
        _remedy(story, draft, decision_id, max(lodged, notified))
        return
    forwarded = story.later(max(lodged, notified), 8, 30)
    decided = story.later(forwarded, 30, 120)
    outcome = _outcome(story)
    healed = outcome is AppealOutcome.UPHELD and chance.happens(habits.healed)
    story.tell(forwarded, AppealForwarded(decision_id=decision_id))
    story.tell(
        decided, AppealDecided(decision_id=decision_id, outcome=outcome, healed=healed or None)
    )
    lost = outcome in {AppealOutcome.UPHELD, AppealOutcome.PARTLY_REVERSED}
    if lost and chance.happens(habits.court):
        _sue(story, decision_id, decided)


def _remedy(story: Story, draft: Draft, decision_id: str, after: datetime) -> None:
    """Tell how the authority gives in (Abhilfe) and, where the law allows, decides anew."""
    remedied = story.later(after, 3, 25)
    story.tell(remedied, AppealRemedied(decision_id=decision_id))
    withdrawn = remedied + timedelta(minutes=5)
    story.tell(withdrawn, DecisionWithdrawn(decision_id=decision_id))
    if Direction.FAVOURABLE not in story.plan.decision_type.directions:
        return
    circumstances = replace(
        draft.circumstances,
        direction=Direction.FAVOURABLE,
        interfering=False,
        written_form=Direction.FAVOURABLE in story.plan.decision_type.written_form,
        reasons=Direction.FAVOURABLE in story.plan.decision_type.reasons,
    )
    again = replace(draft, circumstances=circumstances, truth=_truth(story, circumstances))
    decide(story, again, withdrawn + timedelta(minutes=10))


def _sue(story: Story, decision_id: str, after: datetime) -> None:
    """Tell an action (Klage) within its period, and how it ends."""
    world, chance = story.world, story.chance
    day = world.calendar.day_of(after)
    period = add_months(day, world.assumptions.periods.court_months) - day
    filed = chance.moment(after, after + period)
    decided = story.later(filed, 90, 300)
    reversed_ = chance.happens(world.assumptions.appeals.court_reversed)
    outcome = AppealOutcome.REVERSED if reversed_ else AppealOutcome.UPHELD
    story.tell(filed, CourtActionFiled(decision_id=decision_id))
    story.tell(decided, CourtDecided(decision_id=decision_id, outcome=outcome))


def _outcome(story: Story) -> AppealOutcome:
    habits = story.world.assumptions.appeals
    shares = {
        AppealOutcome.REVERSED: habits.reversed,
        AppealOutcome.PARTLY_REVERSED: habits.partly_reversed,
        AppealOutcome.INADMISSIBLE: habits.inadmissible,
        AppealOutcome.WITHDRAWN: habits.withdrawn,
    }
    return story.chance.pick({AppealOutcome.UPHELD: 1 - sum(shares.values()), **shares})


def _features(story: Story) -> dict[str, FeatureValue]:
    """Draw what makes cases alike."""
    chance = story.chance
    return {
        "renewal": chance.happens(0.55),
        "livelihood-secured": chance.happens(_LIVELIHOOD),
        "passport-valid": chance.happens(_PASSPORT),
        "years-of-stay": chance.between(0, 15),
    }


def _listed(story: Story, features: dict[str, FeatureValue]) -> dict[str, FeatureValue]:
    """Leave out what the catalogue of this authority doesn't list: intake would refuse it."""
    listed = {feature.key for feature in story.world.types.features}
    return {key: value for key, value in features.items() if key in listed}


def _direction(story: Story, features: dict[str, FeatureValue]) -> Direction:
    """Draw the direction: likelier adverse without livelihood or passport."""
    possible = story.plan.decision_type.directions
    others = [direction for direction in possible if direction is not Direction.ADVERSE]
    risk = story.plan.group.adverse / _MEAN_RISK
    risk *= 1 if features["livelihood-secured"] else _POOR
    risk *= 1 if features["passport-valid"] else _NO_PASSPORT
    adverse = story.chance.happens(risk) and Direction.ADVERSE in possible
    return Direction.ADVERSE if adverse or not others else others[0]


def _truth(story: Story, circumstances: Circumstances) -> Truth:
    factor = story.world.unit_factor[story.plan.unit.key]
    return draw_truth(circumstances, factor, story.world.assumptions.errors, story.chance)


def _officers(story: Story, at: datetime) -> tuple[str, str]:
    """Choose two different officers of the unit: who decides and who may co-sign."""
    count = story.world.deciders_in(story.plan.unit)
    first = story.chance.between(0, count - 1)
    second = (first + story.chance.between(1, count - 1)) % count
    decider = story.world.decider
    return decider(story.plan.unit, first, at), decider(story.plan.unit, second, at)


def _discretion(draft: Draft) -> bool | None:
    """Give whether discretion was exercised; not exercised is an error (M1)."""
    return None if not draft.circumstances.discretion else not draft.truth.fails("M1")


def _reasons(draft: Draft) -> bool | None:
    """Give whether reasons were given where they are compulsory; none is an error (F2)."""
    if not draft.circumstances.reasons:
        return None
    return draft.truth.grade("F2") is not Grade.SIGNIFICANT


def _instruction(truth: Truth, template: str) -> str | None:
    """Give the template of the instruction on remedies; none or an old one is an error (F4)."""
    if truth.grade("F4") is Grade.SIGNIFICANT:
        return None
    return f"{template}-outdated" if truth.fails("F4") else template

"""One simulated case, from its first day to its last."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_OID, uuid5

from services.intake.simulation import papers
from services.intake.simulation.application import (
    acknowledge,
    apply,
    arrival,
    hand_in,
    hear,
    meet,
    participate,
    request_documents,
)
from services.intake.simulation.chance import Chance
from services.intake.simulation.decision import Draft, decide, draft
from services.intake.simulation.story import Moment, Plan, Story
from services.intake.simulation.world import World
from shared.contacts.consent import Agreement, Consent
from shared.contacts.contact import Contact
from shared.contacts.party import Capacity, Party
from shared.events.catalogue.case import (
    ApplicationWithdrawn,
    CaseClosed,
    CaseTransferred,
    CourtDecided,
    CourtInactionFiled,
)
from shared.events.vocabulary import AppealOutcome, Channel, Direction, IntakeChannel
from shared.law.months import add_months
from shared.organisation.model import Service
from shared.security.pseudonyms import PseudonymKind

_NOON = time(12)
_HEARD_BEFORE_REFUSAL = 0.6


def new_case(world: World, day: date, channel: IntakeChannel, chance: Chance) -> Iterator[Moment]:
    """Give everything that will ever happen in a case that begins on `day`."""
    groups = world.groups
    key = chance.pick({name: group.share for name, group in groups.items()})
    unit, decision_type = world.organisation.unit_of(key), world.pick_type(key, day, chance)
    if unit is None or decision_type is None:
        return
    services = (
        {} if groups[key].ex_officio else dict.fromkeys(world.organisation.services_of(key), 1.0)
    )
    language = chance.pick(world.assumptions.languages)
    plan = Plan(
        group=groups[key],
        decision_type=decision_type,
        unit=unit,
        service=chance.pick(services) if services else None,
        language=language,
    )
    ref = chance.pseudonym(PseudonymKind.CASE)
    contact, *others = _contacts(world, language, chance, day, ref)
    story = Story(world, chance, ref, contact, plan, tuple(others))
    begin = arrival(story, world.calendar.moment(day, _NOON), channel)
    if plan.service is None:
        _act_ex_officio(story, world.later(begin, 0, chance))
    else:
        _process_application(story, plan.service, begin, channel)
    yield from story.moments()


def _process_application(
    story: Story, service: Service, received: datetime, channel: IntakeChannel
) -> None:
    chance, group = story.chance, story.plan.group
    missing = chance.happens(group.documents)
    bodies = _bodies(story)
    planned = draft(story, documents_missing=missing, participation=bool(bodies))
    apply(story, service, received, channel)
    if channel is IntakeChannel.ONLINE:
        hand_in(story, service, received)
    ready = acknowledged = acknowledge(story, received, planned.truth)
    if chance.happens(story.world.assumptions.decisions.withdrawn_before):
        _withdraw(story, acknowledged)
        return
    if Chance(story.ref, "move").happens(story.world.assumptions.decisions.transferred_before):
        _transfer(story, acknowledged)
        return
    if missing:
        ready = max(ready, request_documents(story, acknowledged, planned.truth))
    if chance.happens(group.appointment):
        ready = max(ready, meet(story, service, received))
    ready = max(ready, participate(story, acknowledged, bodies, planned.truth))
    if planned.direction is Direction.ADVERSE and chance.happens(_HEARD_BEFORE_REFUSAL):
        ready = hear(story, ready)
    duration = group.duration_working_days
    days = chance.long_tailed(duration.typical, duration.longest)
    decided = max(story.world.later(received, days, chance), story.later(ready, 0, 3))
    _sue_for_inaction(story, received, decided)
    papers.bridge(story, received, decided)
    decide(story, planned, decided)
    if planned.direction is Direction.FAVOURABLE:
        papers.hand_out(story, decided)
    _close(story, planned)


def _act_ex_officio(story: Story, begin: datetime) -> None:
    """Tell an interfering act of the authority; without a hearing it is an error (V1)."""
    bodies = _bodies(story)
    planned = draft(story, documents_missing=False, participation=bool(bodies))
    ready = participate(story, begin, bodies, planned.truth)
    if not planned.truth.fails("V1"):
        ready = hear(story, ready)
    duration = story.plan.group.duration_working_days
    days = story.chance.long_tailed(duration.typical, duration.longest)
    decided = max(story.world.later(begin, days, story.chance), story.later(ready, 0, 5))
    decide(story, planned, decided)
    _close(story, planned)


def _withdraw(story: Story, after: datetime) -> None:
    withdrawn = story.later(after, 1, 12)
    story.tell(withdrawn, ApplicationWithdrawn())
    story.tell(story.later(withdrawn, 1, 3), CaseClosed(reason="withdrawn"))


def _transfer(story: Story, after: datetime) -> None:
    """Tell that the applicant moved away, and another authority decides (§ 3(3) VwVfG)."""
    moved = story.later(after, 1, 12)
    story.tell(moved, CaseTransferred(body="other-authority"))
    story.tell(story.later(moved, 1, 3), CaseClosed(reason="moved"))


def _sue_for_inaction(story: Story, received: datetime, decided: datetime) -> None:
    """Tell an action for inaction (§ 75 VwGO), which the late decision then settles."""
    world, chance = story.world, story.chance
    months = world.assumptions.periods.decision_months
    due = world.calendar.moment(add_months(world.calendar.day_of(received), months), _NOON)
    if decided <= due or not chance.happens(world.assumptions.appeals.inaction):
        return
    story.tell(chance.moment(due, decided), CourtInactionFiled())
    settled = story.later(decided, 5, 30)
    story.tell(settled, CourtDecided(outcome=AppealOutcome.WITHDRAWN))


def _close(story: Story, planned: Draft) -> None:
    """Close the case when the period for an appeal is over, or nobody will appeal."""
    last = story.end
    if planned.direction is Direction.ADVERSE:
        day = story.world.calendar.day_of(last)
        months = story.world.assumptions.periods.appeal_months
        last += add_months(day, months) - day
    story.tell(story.later(last + timedelta(days=1), 2, 20), CaseClosed(reason="completed"))


def _bodies(story: Story) -> tuple[str, ...]:
    shares = story.plan.group.participation
    return tuple(body for body, share in shares.items() if story.chance.happens(share))


def _contacts(
    world: World, language: str, chance: Chance, day: date, case: str
) -> Iterator[Contact]:
    """Invent the person's contact data and, of a few, who is told about the case as well."""
    person = _contact(world, language, chance, day)
    assumed = world.assumptions.contacts
    fate = Chance(case, "party")  # of its own: who has one lives the same life as before
    if fate.happens(assumed.represented):
        capacity, copied = Capacity.REPRESENTATIVE, fate.happens(assumed.copied)
    elif fate.happens(assumed.others_told):
        capacity, copied = Capacity.ADDITIONAL, False
    else:
        yield person
        return
    ref = fate.pseudonym(PseudonymKind.CONTACT)
    party = Party(case=case, contact_ref=ref, capacity=capacity, copied=copied, basis="file-note")
    yield person.model_copy(update={"parties": (party,)})
    yield Contact.model_validate(
        {"contact_ref": ref, "language": "de", "email": f"{ref}@example.invalid"}
    )


def _contact(world: World, language: str, chance: Chance, day: date) -> Contact:
    """Invent how a recipient is reached: nothing that could belong to anybody.

    The mail domain can't exist (RFC 2606); the numbers are reserved for fiction
    (Bundesnetzagentur, 0171 39200 00 to 99); no place has the postcode. The handle of a mailbox is
    made from the pseudonym (UUIDv5), as no portal makes one.
    """
    ref = chance.pseudonym(PseudonymKind.CONTACT)
    reachable: dict[str, object] = {"contact_ref": ref, "language": language}
    if chance.happens(world.assumptions.contacts.email):
        reachable["email"] = f"{ref}@example.invalid"
    else:
        place = world.organisation.authority.place
        reachable["postal_address"] = (ref[-6:].upper(), "Musterstraße 1", f"99999 {place}")
    if chance.happens(world.assumptions.contacts.phone):
        reachable["phone"] = f"+4917139200{chance.between(0, 99):02d}"
    # A chance of its own: who has a mailbox lives the same life as before.
    if Chance(ref, "mailbox").happens(world.assumptions.contacts.mailbox):
        reachable |= {
            "mailbox": str(uuid5(NAMESPACE_OID, ref)),
            "preferred": (Channel.MAILBOX,),
            "agreements": (_agreed(world.calendar.moment(day, _NOON)),),
        }
    return Contact.model_validate(reachable)


def _agreed(at: datetime) -> Agreement:
    """Say that somebody agreed to be told in their mailbox (§ 9(1) OZG)."""
    return Agreement(channel=Channel.MAILBOX, consent=Consent.GIVEN, at=at, basis="bundid_account")

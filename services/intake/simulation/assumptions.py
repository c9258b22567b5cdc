"""What the simulated authority is like, read from `assumptions.yaml`."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import (
    CallTopic,
    Code,
    Direction,
    IntakeChannel,
    Language,
    Probability,
)
from shared.organisation.model import Weekday

PACKAGED = Path(__file__).with_name("assumptions.yaml")

Weight = Annotated[float, Field(ge=0)]
Factor = Annotated[float, Field(ge=0, le=10)]
Criterion = Annotated[str, Field(pattern=r"^[A-Z][0-9]$")]


class AssumptionsInvalid(FileInvalid):
    """The simulator's assumptions can't be used; the message names line, field and mend."""


class Days(Section):
    """A number of days between two bounds, both included."""

    shortest: int = Field(ge=0)
    longest: int = Field(ge=0)


class Duration(Section):
    """Working days from application to decision: the middle of a long-tailed distribution."""

    typical: float = Field(gt=0)
    longest: int = Field(gt=0)


class Group(Section):
    """How cases of one group of decisions go."""

    share: Weight
    adverse: Probability
    duration_working_days: Duration
    documents: Probability = Field(description="Share of cases in which documents are missing.")
    appointment: Probability
    permit: bool = Field(default=False, description="What is granted is a permit with an end.")
    participation: dict[Code, Probability] = Field(default_factory=dict)
    weights: dict[Code, Weight] = Field(
        default_factory=dict, description="Of types, relative to 1 for those left out."
    )
    ex_officio: bool = Field(default=False, description="Without an application.")
    hearing: bool = Field(default=False, description="An interfering act: always heard before.")


class Periods(Section):
    """How long the law gives to decide, to appeal and to sue."""

    decision_months: int = Field(gt=0)
    appeal_months: int = Field(gt=0)
    court_months: int = Field(gt=0)


class Contacts(Section):
    """Which ways to reach them applicants give."""

    email: Probability
    phone: Probability
    mailbox: Probability
    represented: Probability = Field(description="Somebody is told in their place (§ 14(3) VwVfG).")
    copied: Probability = Field(description="Of those, who want to be told, too.")
    others_told: Probability = Field(description="Want somebody told besides, as a counsellor.")


class Appointments(Section):
    """What becomes of appointments."""

    lead_working_days: Days
    missed: Probability
    cancelled: Probability
    rescheduled: Probability
    rebooked_after_miss: Probability
    emergency: Probability
    longest_wait: timedelta
    capacity_factor: Factor


class Documents(Section):
    """What becomes of requests for missing documents."""

    received: Probability
    received_late: Probability
    complete: Probability
    items: dict[Code, Weight]
    due_days: Days


class Delays(Section):
    """What takes longer than it should."""

    deadline_extended: Probability = Field(description="Of those who would miss it.")
    extended_days: int = Field(gt=0)
    participation_told_after_working_days: int = Field(gt=0)


class Papers(Section):
    """Which papers a case brings."""

    provisional: Probability
    provisional_after_working_days: int = Field(gt=0)
    provisional_months: int = Field(gt=0)
    permit_months: Days
    card_working_days: Days
    collected_working_days: Days


class Decisions(Section):
    """What comes with and after a decision."""

    withdrawn_before: Probability
    transferred_before: Probability
    co_signed_when_adverse: Probability
    corrected: Probability
    withdrawn_after: Probability
    remedy_instruction: Code
    dispatch_channels: dict[Code, Weight]


class Appeals(Section):
    """Who appeals and sues, and with what success."""

    lodged: Probability
    lodged_otherwise: Probability
    before_notification: Probability
    remedied: Probability
    withdrawn: Probability
    reversed: Probability
    partly_reversed: Probability
    inadmissible: Probability
    healed: Probability
    court: Probability
    court_reversed: Probability
    inaction: Probability


class Telephone(Section):
    """What becomes of calls."""

    calls_per_filled_post_and_day: Weight
    answered: Probability
    called_back: Probability
    longest_wait: timedelta
    about: dict[CallTopic, Weight]
    transferred: Probability = Field(description="Of answered calls.")


class Visitors(Section):
    """Who comes to a counter that isn't theirs."""

    redirected_per_day: Weight = Field(description="In each office that receives people.")
    wrong_counter: Probability = Field(description="Of those; the others needn't have come.")


class Submissions(Section):
    """How soon the authority fetches what is handed in online."""

    fetched_working_days: Days
    left_lying: Probability = Field(description="Lie much longer.")
    left_lying_working_days: Days
    doubled: Probability = Field(description="Come twice; the second is turned down.")


class EmergencyDemand(Section):
    """How the emergency counter is used."""

    demand: Factor
    not_opened: Probability


class Gravity(StrEnum):
    """What an error of a criterion does to the decision."""

    HEALABLE = "H"
    NOT_HEALABLE = "N"
    DEADLINE_ONLY = "F"
    NONE = "none"


class ErrorRate(Section):
    """How often one criterion is not met, by grade, where it applies."""

    severity: Gravity
    minor: Annotated[float, Field(ge=0, le=0.3)]
    significant: Annotated[float, Field(ge=0, le=0.3)]


class Range(Section):
    """A factor between two bounds."""

    lowest: Factor
    highest: Factor


class Errors(Section):
    """At which rates errors are injected."""

    unit_factor: Range
    unit_factors: dict[Code, Factor] = Field(
        default_factory=dict, description="Of units whose factor is given, not drawn."
    )
    direction_factor: dict[Direction, Factor]
    criteria: dict[Criterion, ErrorRate]


class Assumptions(Section):
    """Everything the simulator assumes."""

    applications_per_filled_post_and_week: float = Field(gt=0)
    season: dict[int, Factor]
    channels: dict[IntakeChannel, Weight]
    weekdays: dict[Weekday, Factor]
    closed_days: Factor
    languages: dict[Language, Weight]
    periods: Periods
    contacts: Contacts
    appointments: Appointments
    documents: Documents
    delays: Delays
    papers: Papers
    decisions: Decisions
    appeals: Appeals
    telephone: Telephone
    visitors: Visitors
    submissions: Submissions
    emergency_counter: EmergencyDemand
    groups: dict[Code, Group]
    errors: Errors


def load_assumptions(path: Path = PACKAGED) -> Assumptions:
    """Read the assumptions; without a path, those that come with the simulator.

    Raises:
        AssumptionsInvalid: with everything that is wrong, by line and field.
    """
    return load(path, Assumptions, invalid=AssumptionsInvalid)

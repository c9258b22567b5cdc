"""How invented people review: assumptions, read from `reviewers.yaml`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.controlling.accounts.account import Role
from services.controlling.measures.measure import Kind
from services.intake.simulation.assumptions import Days
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import Probability

PACKAGED = Path(__file__).with_name("reviewers.yaml")

Weight = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=3, max_length=500)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class ReviewersInvalid(FileInvalid):
    """The assumptions about reviewers can't be used; the message names line, field and mend."""


class Fate(StrEnum):
    """What becomes of a review."""

    WAITING = "waiting"
    ASSIGNED = "assigned"
    IN_REVIEW = "in_review"
    ON_HOLD = "on_hold"
    """Begun, and something is missing that its reviewer needs."""
    COMPLETE = "complete"
    """All is answered, the signature is missing."""
    SIGNED = "signed"
    DECLINED = "declined"
    """Whoever got it first declares a conflict; somebody else signs."""
    REOPENED = "reopened"
    """It was signed, and the signature is taken back."""


class Reply(StrEnum):
    """What a unit says to a finding."""

    AGREE = "agree"
    DISAGREE = "disagree"
    PUT_RIGHT = "put_right"
    NONE = "none"


class Course(StrEnum):
    """How far a measure has come."""

    AGREED = "agreed"
    OVERDUE = "overdue"
    DONE = "done"
    CHECKED = "checked"
    """Somebody has looked whether it helped; it is too early to tell."""
    DROPPED = "dropped"


class Ruling(StrEnum):
    """How an appeal ends."""

    REMEDIED = "remedied"
    UPHELD = "upheld"
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"
    UPHELD_IN_COURT = "upheld_in_court"
    REVERSED_IN_COURT = "reversed_in_court"


class Habits(Section):
    """How somebody reviews.

    Attributes:
        misses: Share of true errors that they don't see.
        false_alarms: Share of questions without an error at which they find one.
        reweighs: Share of the errors seen that get the other weight.
        minutes: What half of their reviews take at most.
    """

    misses: Probability
    false_alarms: Probability
    reweighs: Probability
    minutes: float = Field(gt=0, le=600)


class Host(Section):
    """Whoever a visitor signs in as: more of what isn't done yet is theirs."""

    login: str
    share: Probability


class Quarrels(Section):
    """Decisions that two reviewers judge very differently.

    Attributes:
        share: How many decisions that would be, were all reviewed twice.
        days_ago: When the second one signs.
        false_alarms: As in `Habits`, of whoever comes second.
    """

    share: Probability
    days_ago: Days
    false_alarms: Probability


class Replies(Section):
    """What heads of units and leadership make of findings.

    Attributes:
        says: What the unit says, relative to each other; `none` for nothing in time.
        after: How many working days it takes.
        settled: How often leadership has said what holds, once it could.
        settled_after: How many working days that takes.
        gives_way: How often leadership withdraws what a unit disputes; all else it upholds.
        disputes: The units' reasons.
        withdrawals: Leadership's reasons when it gives way.
        upholds: Leadership's reasons when it doesn't.
    """

    says: dict[Reply, Weight]
    after: Days
    settled: Probability
    settled_after: Days
    gives_way: Probability
    disputes: Texts
    withdrawals: Texts
    upholds: Texts


class Agreed(Section):
    """What is agreed on the findings about one question.

    Attributes:
        owner: The role that carries it out; a head of unit does so for the unit with most findings.
        course: How far it has come by today.
    """

    kind: Kind
    title: Text
    owner: Role
    course: Course


class Appeals(Section):
    """What becomes of decisions that were reviewed.

    Attributes:
        share: How many adverse ones somebody appeals against.
        ends: Who rules and how, relative to each other.
    """

    share: Probability
    ends: dict[Ruling, Weight]


class Reviewers(Section):
    """Everything that is assumed about reviewers, and what follows from reviews."""

    fates: dict[Fate, Weight]
    own_way: Probability
    settlements: dict[Fate, Weight]
    quarrels: Quarrels
    days_ago: Days
    usual: Habits
    people: dict[str, Habits]
    host: Host
    healed_since: Probability
    comments: dict[str, Texts]
    verdicts: dict[str, Texts]
    other: Texts
    conflicts: Texts
    reopenings: Texts
    holds: Texts
    replies: Replies
    measures: dict[str, Agreed]
    dropped: Texts
    appeals: Appeals

    def habits(self, login: str) -> Habits:
        """Give how somebody reviews."""
        return self.people.get(login, self.usual)

    def texts(self, code: str, grade: str) -> Texts:
        """Give what they may write to an answer."""
        return self.verdicts.get(grade) or self.comments.get(code) or self.other


def load_reviewers(path: Path = PACKAGED) -> Reviewers:
    """Read the assumptions.

    Raises:
        ReviewersInvalid: with everything that is wrong, by line and field.
    """
    return load(path, Reviewers, invalid=ReviewersInvalid)

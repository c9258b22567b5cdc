"""How invented people review: assumptions, read from `reviewers.yaml`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

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
    COMPLETE = "complete"
    """All is answered, the signature is missing."""
    SIGNED = "signed"
    DECLINED = "declined"
    """Whoever got it first declares a conflict; somebody else signs."""
    REOPENED = "reopened"
    """It was signed, and the signature is taken back."""


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


class Reviewers(Section):
    """Everything that is assumed about reviewers."""

    fates: dict[Fate, Weight]
    own_way: Probability
    settlements: dict[Fate, Weight]
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

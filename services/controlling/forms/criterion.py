"""One criterion of the catalogue: what is asked of a decision, by which norm, and who answers."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.configuration.yaml_file import Section
from shared.events.vocabulary import Code, Direction, Grade
from shared.law.decision_types import DecisionType
from shared.law.rule import Rule
from shared.web.pages.words import Language

CriterionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}$")]
_Text = Annotated[str, StringConstraints(min_length=3, max_length=1_000, strip_whitespace=True)]
_ERRORS = frozenset({Grade.MINOR, Grade.SIGNIFICANT})
_WITHOUT_EXCEPTION = (Grade.CORRECT, Grade.MINOR, Grade.SIGNIFICANT)


class Texts(Section):
    """A text in every language of the pages."""

    de: _Text
    en: _Text

    def in_language(self, language: Language) -> str:
        """Give the text in one language."""
        return self.de if language is Language.GERMAN else self.en


class Consequence(StrEnum):
    """What an error does to the decision."""

    HEALABLE = "healable"
    """Can be put right until the end of the last court that hears facts (§ 45 VwVfG)."""
    NOT_HEALABLE = "not_healable"
    DEADLINE_ONLY = "deadline_only"
    """Only gives the applicant more time (§ 58 VwGO, § 41 VwVfG)."""
    IRRELEVANT = "irrelevant"
    """Usually changes nothing, because the result would have been the same (§ 46 VwVfG)."""
    NONE = "none"


class AnsweredBy(StrEnum):
    """Who answers a question."""

    AUTO = "auto"
    """The case's events; a person where these can't tell, or where the person knows better."""
    HUMAN = "human"
    BOTH = "both"
    """The events first; a person confirms in any case."""


class Requirement(StrEnum):
    """What the catalogue of decision types says of a type and direction."""

    WRITTEN_FORM = "written_form"
    REASONS = "reasons"
    HEARING = "hearing"
    DISCRETION = "discretion"

    def holds(self, kind: DecisionType, direction: Direction) -> bool:
        """Whether it holds for decisions of a type in a direction."""
        match self:
            case Requirement.WRITTEN_FORM:
                return direction in kind.written_form
            case Requirement.REASONS:
                return direction in kind.reasons
            case Requirement.HEARING:
                return direction in kind.hearing
            case Requirement.DISCRETION:
                return kind.discretion


class Scope(Section):
    """Decisions that a question is asked of; what is left out doesn't narrow it."""

    groups: tuple[Code, ...] = ()
    types: tuple[Code, ...] = ()
    directions: tuple[Direction, ...] = ()
    requires: Requirement | None = None

    def covers(self, kind: DecisionType, direction: Direction) -> bool:
        """Whether it covers decisions of a type in a direction."""
        return (
            (not self.groups or kind.group in self.groups)
            and (not self.types or kind.code in self.types)
            and (not self.directions or direction in self.directions)
            and (self.requires is None or self.requires.holds(kind, direction))
        )

    def covers_unlisted(self, direction: Direction) -> bool:
        """Whether it covers decisions of which nothing but the direction is known.

        Neither their group nor what their type requires is known, so that is asked.
        """
        return not self.types and (not self.directions or direction in self.directions)


class Instruction(Rule):
    """A template of the instruction on remedies, and the days on which it was right."""

    template: Code


class CheckSettings(Section):
    """What the check of a criterion must know of this authority."""

    within_days: int | None = Field(
        default=None, ge=1, le=366, description="What counts as soon, where the law says no more."
    )
    feature: Code | None = Field(
        default=None, description="The feature of a decision in which the answer is recorded."
    )
    instructions: tuple[Instruction, ...] = Field(
        default=(), description="Templates of the instruction on remedies."
    )


class Criterion(Rule):
    """A question about a decision, as it is asked of decisions made on some days.

    `citation` is the norm that a finding names.
    """

    code: CriterionCode
    question: Texts
    help: Texts
    consequence: tuple[Consequence, ...] = Field(
        min_length=1, description="What an error does; where it depends, the reviewer chooses."
    )
    answered_by: AnsweredBy
    answers: tuple[Grade, ...] = Field(default=_WITHOUT_EXCEPTION, min_length=2)
    asked_of: tuple[Scope, ...] = Field(
        default=(Scope(),), min_length=1, description="Any of these; of all when left out."
    )
    check: CheckSettings = CheckSettings()

    def can_be_answered(self) -> bool:
        """Whether its answers let a decision pass and let it fail."""
        return Grade.CORRECT in self.answers and not _ERRORS.isdisjoint(self.answers)

    @property
    def applies_always(self) -> bool:
        """Whether it applies to every decision: it is asked of all, and no answer says else."""
        return Grade.NOT_APPLICABLE not in self.answers and self.asked_of == (Scope(),)

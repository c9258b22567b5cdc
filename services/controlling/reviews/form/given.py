"""An answer as a form sends it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from services.controlling.forms.criterion import Consequence as Effect
from services.controlling.practice.free_text import Suspicion, suspicions
from services.controlling.reviews.asked import Asked, Remedy, Sheet
from shared.web.pages.typed import Typed

LONGEST = 4_000
"""Characters of a comment."""


def _nothing(value: object) -> object:
    return None if value == "" else value


class Given(BaseModel):
    """An answer as a form sends it."""

    grade: Annotated[str | None, BeforeValidator(_nothing)] = None
    comment: Typed = Field(default="", max_length=LONGEST)
    effect: Annotated[Effect | None, BeforeValidator(_nothing)] = None
    until: Annotated[date | None, BeforeValidator(_nothing)] = None
    remedy: Annotated[Remedy | None, BeforeValidator(_nothing)] = None
    based_on: int = Field(ge=0, lt=2**31)

    @property
    def text(self) -> str:
        """The comment."""
        return self.comment.strip()

    @property
    def detail(self) -> dict[str, str]:
        """What stands beside grade and comment, as it is kept."""
        found = {
            "effect": self.effect,
            "until": None if self.until is None else self.until.isoformat(),
            "remedy": self.remedy,
        }
        return {name: str(value) for name, value in found.items() if value is not None}

    def answers(self, asked: Asked | None) -> bool:
        """Whether it is an answer to a question."""
        return asked is not None and (self.grade is None or self.grade in asked.grades)


def warned(sheet: Sheet, today: date) -> Mapping[str, tuple[Suspicion, ...]]:
    """Give the comments that look like personal data, by question."""
    every = {
        one.code: suspicions(one.saved.comment, today)
        for one in sheet.questions
        if one.saved is not None
    }
    return {code: signs for code, signs in every.items() if signs}

"""What lists call things: never a code alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic_core import to_json

from services.controlling.forms.law import Law
from services.controlling.practice import time_limit
from services.controlling.practice.time_limit import Urgency
from shared.web.pages.words import Language


@dataclass(frozen=True, slots=True)
class Naming:
    """Names things for templates, in one language and on one day."""

    language: Language
    law: Law
    today: date

    def kind(self, type_code: str, decided_at: datetime) -> str:
        """Name a type of decision; one that isn't listed by its code."""
        found = self.law.types.find(type_code, self.law.calendar.day_of(decided_at))
        return type_code if found is None else found.name

    def unit(self, key: str | None) -> str:
        """Name a unit; one that isn't there any more by its key."""
        return self.law.organisation.unit_name(key, self.language) if key else "–"

    @property
    def units(self) -> list[tuple[str, str]]:
        """Every unit by its key, with its name."""
        return [(one.key, self.unit(one.key)) for one in self.law.organisation.units]

    def words(self, said: Mapping[str, str] | None = None) -> str:
        """Give the names of all types and units by their keys, and others, as a document.

        Statements search and order lists by it: what people read, not what is stored.
        """
        types = {one.code: one.name for one in self.law.types.every()}
        return to_json(types | dict(self.units) | dict(said or {})).decode()

    def day(self, moment: datetime) -> date:
        """Give the day of a moment where the authority is."""
        return self.law.calendar.day_of(moment)

    def days_left(self, last: date) -> int:
        """Give the working days to a last day; negative: since."""
        return time_limit.days_left(self.today, last, self.law.calendar)

    def urgency(self, last: date) -> Urgency:
        """Tell how soon that is."""
        return time_limit.urgency(self.today, last, self.law.calendar)

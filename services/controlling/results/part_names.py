"""What the page of results calls periods and parts of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel.dates import format_date

from services.controlling.figures.cells import Cell, Kind
from services.controlling.policy.stratum_names import StratumNames
from services.controlling.practice.naming import Naming
from services.controlling.results.closed_period import ClosedPeriod
from shared.events.vocabulary import Direction
from shared.web.pages.words import Language

_MONTH, _QUARTER = 31, 92


WORDS = ("results.whole", *(f"results.direction.{one}" for one in Direction))
"""What the catalogues are asked for."""


@dataclass(frozen=True, slots=True)
class PartNames:
    """Names parts of the decisions in one language.

    Attributes:
        words: What its catalogue says for `WORDS`.
    """

    names: Naming
    words: Mapping[str, str]

    def part(self, cell: Cell) -> str:
        """Name a line of the table."""
        match cell.kind:
            case Kind.UNIT:
                return self.unit(cell.name)
            case Kind.GROUP:
                return self.group(cell.name)
            case Kind.DIRECTION:
                return self.words[f"results.direction.{cell.name}"]
            case Kind.STRATUM:
                return self.stratum(cell.name)
            case _:
                return self.words["results.whole"]

    def unit(self, key: str) -> str:
        """Name a unit."""
        return self.names.unit(key)

    def group(self, key: str) -> str:
        """Name a group of decision types; what narrows it stands behind, as the policy has it."""
        return self._strata.group(key)

    def stratum(self, key: str) -> str:
        """Name a stratum by its parts."""
        return self._strata.stratum(key)

    @property
    def _strata(self) -> StratumNames:
        law, directions = self.names.law, {one: f"results.direction.{one}" for one in Direction}
        said = {one.value: self.words[key] for one, key in directions.items()}
        return StratumNames(law.types, law.organisation, self.names.language, said)

    def strata(self, keys: Iterable[str]) -> str:
        """Name several, one after the other."""
        return "; ".join(map(self.stratum, keys))

    def period(self, period: ClosedPeriod) -> str:
        """Name a period: a month, a quarter or a year."""
        return _period(period, self.names.language)


@lru_cache(1024)  # a page names all of them
def _period(period: ClosedPeriod, language: Language) -> str:
    days = (period.last_day - period.first_day).days + 1
    pattern = "LLLL yyyy" if days <= _MONTH else "QQQQ yyyy" if days <= _QUARTER else "yyyy"
    return format_date(period.first_day, pattern, locale=language.value)

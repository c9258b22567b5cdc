"""Who came in vain: to a counter that wasn't theirs, or though they needn't have come. Pure.

Nobody says how many come without an appointment, so these are numbers and no shares: of whom they
were a part isn't known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.controlling.service_figures.fact import Fact
from shared.events.catalogue.office import VisitorRedirected
from shared.events.vocabulary import Misdirection


@dataclass(frozen=True, slots=True)
class Visits:
    """Visitors whom an office sent on, unserved.

    Attributes:
        wrong_counter: Another counter, office or authority was theirs.
        wrong_channel: What they wanted goes online, by post or by telephone alone.
    """

    wrong_counter: int = 0
    wrong_channel: int = 0

    @property
    def redirected(self) -> int:
        """All who came in vain."""
        return self.wrong_counter + self.wrong_channel


def count_visits(facts: Iterable[Fact]) -> Mapping[str, Visits]:
    """Count a day by office, in whatever order the facts are given."""
    by_office: dict[str, list[Visits]] = {}
    for fact in facts:
        assert isinstance(fact.data, VisitorRedirected)  # no other is of this part
        counter = fact.data.misdirection is Misdirection.WRONG_COUNTER
        one = Visits(wrong_counter=int(counter), wrong_channel=int(not counter))
        by_office.setdefault(fact.data.office, []).append(one)
    return {office: together_visits(found) for office, found in by_office.items()}


def together_visits(visits: Sequence[Visits]) -> Visits:
    """Put days or offices together."""
    return Visits(
        sum(one.wrong_counter for one in visits), sum(one.wrong_channel for one in visits)
    )

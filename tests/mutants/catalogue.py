"""What is broken on purpose: each in a way that has cost somebody's data somewhere.

A harness that can't fail proves nothing. Storms (`make chaos-mutants`) and the model
(`tests/model/test_model.py`) must each notice the mutants that name them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

import pytest

from tests.mutants import consuming, looping, publishing, reviewing, settling

Break = Callable[[pytest.MonkeyPatch], None]


class Guarantee(StrEnum):
    """What is promised: see `docs/operations/guarantees.md`."""

    KEPT = "nothing accepted is lost"
    ONCE = "every effect happens once"
    ORDERED = "the events of a case are applied in order"
    CONTAINED = "a record that can't be read or applied harms only its own case"
    TOLD = "what was given up on is told, and can be settled"
    WORKED = "what the door lets in is too much for no loop"
    SAVED = "an answer of which somebody was told that it is saved is kept"


class Harness(Enum):
    """What notices."""

    STORM = auto()
    MODEL = auto()  # in steps that it draws
    KNOWN_STEPS = auto()  # in those that failed once


@dataclass(frozen=True, slots=True)
class Mutant:
    """A product with one fault.

    Attributes:
        breaks: Breaks the product as long as the patch holds; its docstring says how.
        guarantee: What no longer holds.
        noticed_by: Where that must be noticed.
    """

    breaks: Break
    guarantee: Guarantee
    noticed_by: frozenset[Harness]

    def __str__(self) -> str:
        return self.breaks.__name__

    @property
    def story(self) -> str:
        """What the fault is, and what no longer holds."""
        return f"{self.breaks.__doc__}\nThen it doesn't hold that {self.guarantee}."


def _mutant(breaks: Break, guarantee: Guarantee, *noticed_by: Harness) -> Mutant:
    return Mutant(breaks, guarantee, frozenset(noticed_by))


_KEPT, _ONCE, _ORDERED = Guarantee.KEPT, Guarantee.ONCE, Guarantee.ORDERED
_CONTAINED, _TOLD = Guarantee.CONTAINED, Guarantee.TOLD
_STORM, _MODEL, _KNOWN = Harness

CATALOGUE = (
    _mutant(consuming.dedupe_off, _ONCE, _STORM, _MODEL),
    _mutant(consuming.gap_ignored, _ORDERED, _MODEL),
    _mutant(consuming.parking_off, _KEPT, _STORM, _MODEL),
    _mutant(consuming.zombie_not_noticed, _ONCE, _MODEL),
    _mutant(consuming.parked_rows_overlooked, _KEPT, _KNOWN),
    _mutant(consuming.released_stay_parked, _ONCE, _MODEL, _KNOWN),
    _mutant(consuming.time_of_parked_lost, _TOLD, _KNOWN),
    _mutant(consuming.offsets_before_the_database, _KEPT, _STORM, _MODEL),
    _mutant(consuming.ack_first, _KEPT, _STORM),
    _mutant(consuming.bare_ack, _KEPT, _STORM, _MODEL),
    _mutant(consuming.inbox_in_a_transaction_of_its_own, _KEPT, _MODEL),
    _mutant(consuming.dead_letters_not_published, _TOLD, _MODEL),
    _mutant(consuming.default_parser, _CONTAINED, _STORM),
    _mutant(publishing.cursor_relay, _KEPT, _STORM, _MODEL),
    _mutant(publishing.delete_before_ack, _KEPT, _MODEL),
    _mutant(publishing.refusals_not_heard, _KEPT, _MODEL),
    _mutant(publishing.two_relays, _ORDERED, _STORM),
    _mutant(settling.replay_at_a_new_place, _ORDERED, _MODEL),
    _mutant(settling.discard_fills_no_place, _CONTAINED, _MODEL),
    _mutant(settling.letters_settled_in_one_service, _TOLD, _MODEL),
    _mutant(reviewing.told_before_it_is_committed, Guarantee.SAVED, _STORM),
    _mutant(looping.many_features_refused, Guarantee.WORKED, _STORM),
)


def mutants(harness: Harness) -> list[Mutant]:
    """Give those that a harness must notice."""
    return [mutant for mutant in CATALOGUE if harness in mutant.noticed_by]

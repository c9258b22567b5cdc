"""What a dashboard consists of, for Grafana and for the desk's pages alike.

What it says stands in the catalogues beside it, `de.po` and `en.po`; Grafana gets the English.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deploy.dashboards.shown import Shown

FOLDER = Path(__file__).parent
"""Where its words are."""


class Right(StrEnum):
    """What a panel says of zero and of nothing at all, so that nobody takes silence for good.

    Its sentence is `right.<value>` in the catalogues.
    """

    ZERO = "zero"
    ZERO_AT_REST = "zero_at_rest"
    NO_NUMBER_AT_REST = "no_number_at_rest"
    UNSET_IS_EMPTY = "unset_is_empty"
    UNKNOWN_IS_EMPTY = "unknown_is_empty"
    NEITHER = "neither"


class Unit(StrEnum):
    """How numbers are written; Grafana's names."""

    COUNT = "short"
    SECONDS = "s"
    SHARE = "percentunit"
    A_SECOND = "cps"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `panel.<key>` is its title in the catalogues, `panel.<key>.says` what it shows.

    Attributes:
        key: Of no other panel of any dashboard.
        right: Whether zero or empty is right.
        shows: What it shows, told apart by the same labels.
        unit: Of what Grafana draws: counts as such on a page are numbers.
        width: In columns of Grafana's grid, which has 24.
        now: Whether the last value stands there as a number; else it is drawn over time.
        about_cases: Whether it counts cases, or what people went through: no page tells one to six,
            and more only in tens. Not so what somebody must settle, nor a sample, which is public.
    """

    key: str
    right: Right
    shows: Sequence[Shown]
    unit: Unit = Unit.COUNT
    width: int = 8
    now: bool = False
    about_cases: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard. `board.<key>` is its title in the catalogues, `board.<key>.says` what it asks.

    Attributes:
        key: Its file's name, and with `gleichfall-` before it what Grafana knows it by for ever.
    """

    key: str
    panels: Sequence[Panel]

    @property
    def uid(self) -> str:
        """What Grafana knows it by: at most 40 characters."""
        return f"gleichfall-{self.key}"

"""What a panel shows: of it both its query for Prometheus and its figures on a page are made."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

RECENT = "$__rate_interval"
"""What Grafana puts in the place of it: a span that has several looks in it."""


class Joined(StrEnum):
    """How a group of series becomes one; PromQL's names."""

    GREATEST = "max"
    """Several processes read the same database."""
    LEAST = "min"
    SUM = "sum"
    NUMBER = "count"


@dataclass(frozen=True, slots=True)
class Where:
    """Which series of a metric are meant.

    Attributes:
        pattern: A regular expression, for the whole value of the label.
    """

    label: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Level:
    """How something stands: a gauge.

    Attributes:
        by: The labels that are told apart.
        name: A word of the catalogue, where a panel shows several: `series.<name>`.
    """

    metric: str
    by: tuple[str, ...] = ()
    name: str = ""
    joined: Joined = Joined.GREATEST


@dataclass(frozen=True, slots=True)
class Until:
    """How many seconds are left until the moment that a gauge tells; below zero it is over."""

    metric: str
    by: tuple[str, ...] = ()
    joined: Joined = Joined.GREATEST
    name: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when nothing happened, as a share of what is allowed; from 1 on it is too long.

    Attributes:
        metric: The moment of the last time.
        limit: The seconds that are allowed, by the same labels.
    """

    metric: str
    limit: str
    by: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened: a counter.

    Attributes:
        a_second: Whether Grafana draws how often a second; else how often in a span.
        over: The span.
    """

    metric: str
    by: tuple[str, ...] = ()
    name: str = ""
    where: Where | None = None
    a_second: bool = False
    over: str = RECENT


@dataclass(frozen=True, slots=True)
class Duration:
    """How long things took: a histogram of seconds. Grafana draws what 95 % stay within."""

    metric: str
    by: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Which share of things took no longer than a bound that the histogram has.

    Attributes:
        within: The bound, in seconds.
    """

    metric: str
    within: float
    where: Where | None = None
    by: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What only Prometheus can say, for it needs what was; a page says what tells it instead.

    Attributes:
        query: PromQL.
    """

    query: str
    by: tuple[str, ...]
    name: str = ""


Shown: TypeAlias = Level | Until | Silence | Count | Duration | Share | Elsewhere
